#include <skarma/cli/output/search_progress.hpp>

#include <gtest/gtest.h>

#include <skarma/tests/cli/run_app.hpp>

namespace skarma::cli {
namespace {

TEST(SearchText, SaysHowFarAndHowLong) {
  const SearchState state{.n_done = 12, .n_all = 35, .best = "0.9836 at alpha=10.0"};
  EXPECT_EQ(search_text(state, 24.0, false),
            "12/35 fits, 0:24 elapsed, 0:46 left, best 0.9836 at alpha=10.0");
  EXPECT_EQ(search_text(state, 24.0, true),
            "12/35 fits, 0:24 elapsed, stopping (Ctrl-C again ends at once), best 0.9836 at "
            "alpha=10.0");
}

TEST(SearchText, BeforeTheFirstAndAfterTheLastFit) {
  EXPECT_EQ(search_text({.n_all = 35}, 3601.0, false), "0/35 fits, 1:00:01 elapsed");
  EXPECT_EQ(search_text({.n_done = 35, .n_all = 35}, 1.0, false),
            "35/35 fits, 0:01 elapsed, fitting the best on all samples");
}

TEST(SearchLineThreads, ShowsWhatItWasToldLast) {
  const test::TextSink err;
  const Console console{.out = err.file(), .err = err.file(), .live = true};
  const ParamSet best{{"alpha", 1.0}};
  SearchLine line(console, 2, test::as_it_is);
  line.update({1, 2, 0.5, &best});
  test::wait_for(err, "best 0.5000 at alpha=1.0");
}

}  // namespace
}  // namespace skarma::cli
