#include <skarma/cli/options/arguments.hpp>

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <skarma/cli/parameters.hpp>
#include <skarma/cli/usage_error.hpp>
#include <skarma/core/base/nearest_name.hpp>

namespace skarma::cli {
namespace {

bool is_truth_value(std::string_view word) {
  constexpr std::array kWords = {"True", "False", "true", "false"};
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

/// --max_iter=5 as --max-iter=5; anything else as it is.
std::string with_dashes(std::string argument) {
  if (!argument.starts_with("--")) return argument;
  const auto end =
      argument.begin() + static_cast<std::ptrdiff_t>(std::min(argument.find('='), argument.size()));
  std::replace(argument.begin(), end, '_', '-');
  return argument;
}

std::vector<std::string> boolean_flags() {
  std::vector<std::string> flags;
  for (const ParameterInfo& info : all_parameters()) {
    if (info.domain.type == Domain::Type::boolean) flags.push_back(flag_name(info.name));
  }
  return flags;
}

/// All names that may follow, for example "--alpha" and "--no-shuffle".
std::vector<std::string> flags_of(const CLI::App& command) {
  std::vector<std::string> flags;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
  }
  return flags;
}

[[noreturn]] void reject(std::string_view what, const std::string& typed,
                         const std::vector<std::string>& known) {
  const std::vector<std::string_view> names(known.begin(), known.end());
  throw UsageError(fmt::format("there is no {} '{}'.{}", what, typed, did_you_mean(typed, names)));
}

}  // namespace

void reject_command(const CLI::App& app, const std::string& typed) {
  std::vector<std::string> commands;
  for (const CLI::App* command : app.get_subcommands({})) commands.push_back(command->get_name());
  reject("command", typed, commands);
}

std::vector<std::string> normalised(const std::vector<std::string>& arguments) {
  const auto booleans = boolean_flags();
  const auto is_boolean = [&](const std::string& flag) {
    return std::find(booleans.begin(), booleans.end(), flag) != booleans.end();
  };
  std::vector<std::string> result;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string argument = with_dashes(arguments[i]);
    if (is_boolean(argument)) {
      const bool has_word = i + 1 < arguments.size() && is_truth_value(arguments[i + 1]);
      argument += "=" + (has_word ? arguments[++i] : "True");
    } else if (argument.starts_with("--no-") && is_boolean("--" + argument.substr(5))) {
      argument = "--" + argument.substr(5) + "=False";
    }
    result.push_back(std::move(argument));
  }
  return result;
}

void reject_empty(const CLI::App& app) {
  for (const CLI::App* command : app.get_subcommands()) {
    for (const CLI::Option* option : command->get_options()) {
      const auto& values = option->results();
      if (std::find(values.begin(), values.end(), "") == values.end()) continue;
      throw UsageError(fmt::format("{} is empty: give it a value, or leave it out.",
                                   option->get_name(option->get_positional())));
    }
  }
}

void reject_unknown(const CLI::App& app) {
  if (const auto unknown = app.remaining(); !unknown.empty()) {
    if (unknown.front().starts_with("-")) reject("flag", unknown.front(), flags_of(app));
    reject_command(app, unknown.front());
  }
  for (const CLI::App* command : app.get_subcommands()) {
    const auto unknown = command->remaining();
    if (unknown.empty()) continue;
    const std::string typed = unknown.front().substr(0, unknown.front().find('='));
    if (typed.starts_with("-")) reject("flag", typed, flags_of(*command));
    throw UsageError(fmt::format("'{}' is one argument too many.", typed));
  }
}

}  // namespace skarma::cli
