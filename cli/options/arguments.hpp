#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace skarma::cli {

/// The arguments in the one spelling that the flags have: --max_iter becomes --max-iter; a flag for
/// a boolean parameter gets its value, --shuffle as --shuffle=True and --no-shuffle as
/// --shuffle=False.
std::vector<std::string> normalised(const std::vector<std::string>& arguments);

/// Throws UsageError for a command that does not exist, naming the nearest.
[[noreturn]] void reject_command(const CLI::App& app, const std::string& typed);

/// Throws UsageError for the first argument that neither the program nor the command knows, naming
/// the nearest that it does.
void reject_unknown(const CLI::App& app);

/// Throws UsageError for a flag or a name whose value is the empty text.
void reject_empty(const CLI::App& app);

}  // namespace skarma::cli
