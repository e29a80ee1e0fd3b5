#pragma once

#include <string>
#include <vector>

#include <skarma/cli/output/console.hpp>

namespace skarma::cli {

/// The whole program: reads the arguments (without the program's own name), does what they say,
/// and returns the exit code. Every error ends here, as one line.
int run(const std::vector<std::string>& arguments, const Console& console);

}  // namespace skarma::cli
