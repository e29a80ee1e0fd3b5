#pragma once

#include <cstddef>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

namespace skarma::cli {

/// "1 row", "3 rows", "2 classes"
std::string counted(std::size_t n, std::string_view noun);

/// "a, b, c" and no more than the first dozen.
std::string listed(const std::vector<std::string>& names);

/// What an error says to the user: want of memory in words.
std::string problem_text(const std::exception& error);

}  // namespace skarma::cli
