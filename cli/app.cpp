#include <skarma/cli/app.hpp>

#include <algorithm>
#include <exception>
#include <map>
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <skarma/cli/command.hpp>
#include <skarma/cli/exit_code.hpp>
#include <skarma/cli/options/arguments.hpp>
#include <skarma/cli/options/help_formatter.hpp>
#include <skarma/cli/usage_error.hpp>
#include <skarma/cli/wording.hpp>

namespace skarma::cli {
namespace {

using Actions = std::map<const CLI::App*, Action>;

void add_command(CLI::App& app, Actions& actions, Action (*add)(CLI::App&)) {
  Action action = add(app);
  actions.emplace(app.get_subcommands({}).back(), std::move(action));
}

/// Whether a flag of some command takes no value.
bool takes_no_value(const CLI::App& app, const std::string& flag) {
  const auto commands = app.get_subcommands({});
  return std::any_of(commands.begin(), commands.end(), [&](const CLI::App* command) {
    const CLI::Option* option = command->get_option_no_throw(flag);
    return option != nullptr && option->get_items_expected_max() == 0;
  });
}

/// "--jobs must be a whole number; got 'many'." for CLI11's "Could not convert: --jobs = many"
std::string conversion_problem(const CLI::App& app, const std::string& text) {
  const auto colon = text.find(": ");
  const auto equals = text.find(" = ");
  if (colon == std::string::npos || equals == std::string::npos) return text;
  const std::string flag = text.substr(colon + 2, equals - colon - 2);
  if (takes_no_value(app, flag)) return flag + " takes no value.";
  return fmt::format("{} must be a whole number; got '{}'.", flag, text.substr(equals + 3));
}

/// Reads the arguments and does what they say.
int run_checked(const std::vector<std::string>& arguments, const Console& console) {
  CLI::App app("Neural networks and grid search, with scikit-learn's parameters and results.",
               "skarma");
  app.set_version_flag("--version", "skarma " SKARMA_VERSION, "Print the version and end.");
  app.set_help_flag("-h,--help", "Print this help and end.");
  app.formatter(std::make_shared<HelpFormatter>());
  app.get_formatter()->column_width(30);
  app.footer(
      "'skarma help COMMAND' has the flags of a command, and an example.\n"
      "Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted (128 + the signal).");
  Actions actions;
  add_command(app, actions, add_grid_search);
  add_command(app, actions, add_fit);
  add_command(app, actions, add_predict);
  add_command(app, actions, add_score);
  add_command(app, actions, add_datasets);
  add_command(app, actions, add_journal);
  add_command(app, actions, add_info);
  add_command(app, actions, add_help);
  for (CLI::App* command : app.get_subcommands({})) command->allow_extras();
  app.allow_extras();
  app.require_subcommand(0, 1);  // what follows is the command's: `help fit`

  std::vector<std::string> reversed = normalised(arguments);
  std::reverse(reversed.begin(), reversed.end());
  try {
    app.parse(std::move(reversed));
  } catch (const CLI::CallForVersion&) {
    console.print("skarma " SKARMA_VERSION "\n");
    return kDone;
  } catch (const CLI::Success&) {
    console.print(app.help());
    return kDone;
  } catch (const CLI::ArgumentMismatch& error) {
    const std::string text = error.what();
    throw UsageError(text.substr(0, text.find(':')) + " takes one value, and is given once.");
  } catch (const CLI::ConversionError& error) {
    throw UsageError(conversion_problem(app, error.what()));
  } catch (const CLI::ParseError& error) {
    throw UsageError(error.what());
  }
  reject_unknown(app);
  reject_empty(app);
  if (app.get_subcommands().empty()) {
    console.note(app.help());
    return kWrongUsage;
  }
  return actions.at(app.get_subcommands().front())(console);
}

int fail(const Console& console, int code, const std::string& problem) {
  console.note("skarma: " + problem);
  return code;
}

}  // namespace

int run(const std::vector<std::string>& arguments, const Console& console) {
  try {
    return run_checked(arguments, console);
  } catch (const UsageError& error) {
    return fail(console, kWrongUsage, error.what());
  } catch (const OutputError& error) {
    if (console.stop.stop_requested()) return kInterrupted;  // a terminal that has gone
    return error.reader_gone() ? kReaderGone : fail(console, kFailed, error.what());
  } catch (const std::exception& error) {
    return fail(console, kFailed, problem_text(error));
  }
}

}  // namespace skarma::cli
