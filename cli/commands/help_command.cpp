#include <memory>

#include <CLI/CLI.hpp>

#include <skarma/cli/command.hpp>
#include <skarma/cli/exit_code.hpp>
#include <skarma/cli/options/arguments.hpp>

namespace skarma::cli {
namespace {

std::string help_for(const CLI::App& app, const std::string& wanted) {
  const auto formatter = app.get_formatter();
  if (wanted.empty()) return formatter->make_help(&app, app.get_name(), CLI::AppFormatMode::Normal);
  for (const CLI::App* command : app.get_subcommands({})) {
    if (command->get_name() == wanted) return command->help(app.get_name());
  }
  reject_command(app, wanted);
}

}  // namespace

Action add_help(CLI::App& app) {
  CLI::App* command = app.add_subcommand("help", "Print the flags of a command, and an example.");
  const auto wanted = std::make_shared<std::string>();
  command->add_option("COMMAND", *wanted, "Which command.")->type_name("");
  command->footer("Example:\n  skarma help fit");
  return [&app, wanted](const Console& console) {
    console.print(help_for(app, *wanted));
    return kDone;
  };
}

}  // namespace skarma::cli
