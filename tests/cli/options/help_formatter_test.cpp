#include <skarma/cli/options/help_formatter.hpp>

#include <sstream>

#include <gtest/gtest.h>

#include <skarma/tests/cli/run_app.hpp>

namespace skarma::cli {
namespace {

TEST(HelpFormatter, DescriptionsAreWrappedInTheirColumn) {
  CLI::App app;
  std::string value;
  const auto* option =
      app.add_option("--flag", value,
                     "A description that is so long that it has to go on in a second line here.")
          ->type_name("X");
  EXPECT_EQ(HelpFormatter().make_option(option, false),
            "  --flag X                    A description that is so long that it has to go on in a "
            "second\n"
            "                              line here.\n");
}

TEST(HelpFormatter, LongFlagsHaveALineOfTheirOwn) {
  CLI::App app;
  std::string value;
  const auto* option =
      app.add_option("--a-flag-with-a-long-name", value, "What.")->type_name("LONG");
  EXPECT_EQ(HelpFormatter().make_option(option, false),
            "  --a-flag-with-a-long-name LONG\n                              What.\n");
}

TEST(HelpFormatter, NoLineOfTheProgramsHelpIsTooLong) {
  for (const char* command :
       {"grid-search", "fit", "predict", "score", "datasets", "info", "help"}) {
    std::istringstream help(test::run_app({command, "--help"}).out);
    for (std::string line; std::getline(help, line);) EXPECT_LE(line.size(), 96u) << line;
  }
}

}  // namespace
}  // namespace skarma::cli
