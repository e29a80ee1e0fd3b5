#include <skarma/cli/output/live_line.hpp>

#include <gtest/gtest.h>

#include <skarma/tests/cli/run_app.hpp>

namespace skarma::cli {
namespace {

constexpr const char* kClear = "\r\x1b[2K";

TEST(ClockText, MinutesAndHours) {
  EXPECT_EQ(clock_text(7.9), "0:07");
  EXPECT_EQ(clock_text(750.0), "12:30");
  EXPECT_EQ(clock_text(3723.0), "1:02:03");
}

TEST(LiveLineThreads, IsRewrittenInPlaceAndClearedAtTheEnd) {
  const test::TextSink err;
  const Console console{.out = err.file(), .err = err.file(), .live = true};
  {
    std::atomic<int> n_drawn = 0;
    const LiveLine line(console, true,
                        [&](double) { return "drawn " + std::to_string(++n_drawn); });
    EXPECT_TRUE(line.is_drawn());
    test::wait_for(err, "drawn 2");
  }
  const std::string text = err.text();
  EXPECT_TRUE(text.starts_with(std::string(kClear) + "drawn 1" + kClear + "drawn 2")) << text;
  EXPECT_TRUE(text.ends_with(kClear)) << text;
  EXPECT_EQ(text.find('\n'), std::string::npos);
}

TEST(LiveLineThreads, FitsTheTerminal) {
  const test::TextSink err;
  const Console console{.out = err.file(), .err = err.file(), .live = true};
  {
    const LiveLine line(console, true, [](double) { return std::string(200, 'x'); });
    test::wait_for(err, "x");
  }
  const std::string text = err.text();
  EXPECT_EQ(text.find(kClear, 1), std::string(kClear).size() + 79) << "80 columns, as nothing said";
}

TEST(LiveLine, IsSilentWhereItIsNotWanted) {
  const test::TextSink err;
  const Console pipe{.out = err.file(), .err = err.file(), .live = false};
  const Console terminal{.out = err.file(), .err = err.file(), .live = true};
  const auto text = [](double) { return std::string("x"); };
  EXPECT_FALSE(LiveLine(pipe, true, text).is_drawn());
  EXPECT_FALSE(LiveLine(terminal, false, text).is_drawn());
  EXPECT_EQ(err.text(), "");
}

}  // namespace
}  // namespace skarma::cli
