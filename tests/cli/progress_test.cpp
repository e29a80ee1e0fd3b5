#include <skarma/cli/progress.hpp>

#include <gtest/gtest.h>

#include <skarma/tests/cli/run_app.hpp>

namespace skarma::cli {
namespace {

TEST(ProgressText, SaysHowFarAndHowLong) {
  ProgressState state{.n_done = 12, .n_all = 35, .seconds = 24.0, .best = "0.9836 at alpha=10.0"};
  EXPECT_EQ(progress_text(state, 200),
            "12/35 fits, 0:24 elapsed, 0:46 left, best 0.9836 at alpha=10.0");
  state.stopping = true;
  EXPECT_EQ(progress_text(state, 200),
            "12/35 fits, 0:24 elapsed, stopping (Ctrl-C again ends at once), best 0.9836 at "
            "alpha=10.0");
}

TEST(ProgressText, BeforeTheFirstAndAfterTheLastFit) {
  EXPECT_EQ(progress_text({.n_all = 35, .seconds = 3601.0}, 200), "0/35 fits, 1:00:01 elapsed");
  EXPECT_EQ(progress_text({.n_done = 35, .n_all = 35, .seconds = 1.0}, 200),
            "35/35 fits, 0:01 elapsed, fitting the best on all samples");
}

TEST(ProgressText, FitsTheTerminal) {
  EXPECT_EQ(progress_text({.n_done = 1, .n_all = 35, .seconds = 1.0}, 12), "1/35 fits, 0");
}

TEST(ProgressLineThreads, IsRewrittenInPlaceAndClearedAtTheEnd) {
  const test::TextSink err;
  const Console console{.out = err.file(), .err = err.file(), .live = true};
  const ParamSet best{{"alpha", 1.0}};
  {
    ProgressLine line(console, 2, test::as_it_is);
    line.update({1, 2, 0.5, &best});
    while (err.text().find("best 0.5000 at alpha=1.0") == std::string::npos) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  const std::string text = err.text();
  EXPECT_EQ(text.find('\n'), std::string::npos);
  EXPECT_TRUE(text.starts_with("\r\x1b[2K")) << text;
  EXPECT_TRUE(text.ends_with("\r\x1b[2K")) << text;
}

TEST(ProgressLine, IsSilentWhereItIsNotWanted) {
  const test::TextSink err;
  {
    const ProgressLine pipe({.out = err.file(), .err = err.file(), .live = false}, 2,
                            test::as_it_is);
  }
  const Console console{.out = err.file(), .err = err.file(), .live = true};
  { const ProgressLine quiet(console, 2, test::as_it_is, false); }
  EXPECT_EQ(err.text(), "");
}

}  // namespace
}  // namespace skarma::cli
