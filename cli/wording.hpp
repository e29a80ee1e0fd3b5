#pragma once

#include <cstddef>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include <skarma/estimators/params/param_value.hpp>

namespace skarma::cli {

/// "1 row", "3 rows", "2 classes"
std::string counted(std::size_t n, std::string_view noun);

/// "a, b, c" and no more than the first dozen.
std::string listed(const std::vector<std::string>& names);

/// A parameter's value as a terminal user writes it: like Python's, but words without quotes.
std::string plain_text(const ParamValue& value);

/// What an error says to the user: want of memory in words.
std::string problem_text(const std::exception& error);

}  // namespace skarma::cli
