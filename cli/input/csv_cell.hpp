#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace skarma::cli {

/// What a cell is to somebody who wants a number in it.
enum class CellKind {
  number,      // 1, -2.5, 1e-3, +4
  truth,       // True, false: 1 and 0
  missing,     // empty, nan, ?, #N/A ...
  none,        // NA, None, null ...: missing, unless they name a class
  not_finite,  // inf, 1e400
  decorated,   // 1,234.5 or 0,5 or 12 % or $3
  date,        // 2024-01-31, 31/1/24, 12:30
  word,
};
CellKind kind_of(std::string_view cell);

/// A cell as a finite number, if it is one.
std::optional<double> read_number(std::string_view cell);
/// The same with True as 1 and False as 0: what a feature may hold.
std::optional<double> read_feature(std::string_view cell);
/// A cell as a whole number of 64 bits, if it is one: 7, -3, 2.0, 1e3.
std::optional<std::int64_t> read_whole(std::string_view cell);
/// Whether a cell is nothing but digits, behind a sign perhaps.
bool is_digits(std::string_view cell);

/// Why a cell is no number, and what to do about it.
std::string number_problem(std::string_view cell, std::string_view column);

/// A cell for a message: not more than its first 40 bytes.
std::string shortened(std::string_view cell);

}  // namespace skarma::cli
