#include <skarma/cli/input/csv_cell.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

namespace skarma::cli {
namespace {

// What pandas takes for missing, and the question mark of the UCI repository.
constexpr std::array<std::string_view, 13> kMissing = {"",     "nan", "NaN",    "NAN",  "-nan",
                                                       "-NaN", "?",   "<NA>",   "#N/A", "#N/A N/A",
                                                       "#NA",  "NaT", "1.#QNAN"};
constexpr std::array<std::string_view, 9> kNone = {"NA",   "N/A",  "n/a",  "NULL", "Null",
                                                   "null", "None", "none", "nil"};

template <class Words>
bool is_among(std::string_view cell, const Words& words) {
  return std::find(words.begin(), words.end(), cell) != words.end();
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view without_plus(std::string_view cell) {
  if (cell.starts_with('+') && !cell.starts_with("+-")) cell.remove_prefix(1);
  return cell;
}

/// The value of a number, which may be infinite; nothing for NaN and for text.
std::optional<double> read_value(std::string_view cell) {
  cell = without_plus(cell);
  double value = 0.0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (end != cell.data() + cell.size() || error == std::errc::invalid_argument) return std::nullopt;
  // Beyond the range of a double: strtod tells too large (infinite) from too small (zero).
  if (error != std::errc()) value = std::strtod(std::string(cell).c_str(), nullptr);
  return std::isnan(value) ? std::nullopt : std::optional(value);
}

std::optional<double> truth_value(std::string_view cell) {
  if (cell == "True" || cell == "true" || cell == "TRUE") return 1.0;
  if (cell == "False" || cell == "false" || cell == "FALSE") return 0.0;
  return std::nullopt;
}

/// Digits of which nothing but marks stands between or around: 1,234.5, 0,5, 12 %, $3, 1_000.
bool is_decorated(std::string_view cell) {
  constexpr std::string_view kMarks = "0123456789+-.,' _%$eE";
  constexpr std::array<std::string_view, 3> kCurrencies = {"€", "£", "\u00a0"};
  std::string text(cell);
  for (const auto mark : kCurrencies) {
    for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark)) {
      text.replace(at, mark.size(), " ");
    }
  }
  return text.find_first_not_of(kMarks) == std::string::npos &&
         std::any_of(text.begin(), text.end(), is_digit) && text[0] != 'e' && text[0] != 'E';
}

/// Three groups of digits between equal marks, or hours and minutes.
bool is_date(std::string_view cell) {
  const auto first = std::find_if_not(cell.begin(), cell.end(), is_digit);
  const auto n_first = first - cell.begin();
  if (n_first < 1 || n_first > 4 || first == cell.end()) return false;
  const auto second = std::find_if_not(first + 1, cell.end(), is_digit);
  const auto n_second = second - first - 1;
  if (n_second < 1 || n_second > 2) return false;
  if (*first == ':') return n_first <= 2 && n_second == 2;
  const bool has_mark = *first == '-' || *first == '/' || *first == '.';
  return has_mark && second != cell.end() && *second == *first && second + 1 != cell.end() &&
         is_digit(second[1]);
}

}  // namespace

CellKind kind_of(std::string_view cell) {
  if (is_among(cell, kMissing)) return CellKind::missing;
  if (const auto value = read_value(cell)) {
    return std::isfinite(*value) ? CellKind::number : CellKind::not_finite;
  }
  if (truth_value(cell)) return CellKind::truth;
  if (is_among(cell, kNone)) return CellKind::none;
  if (is_date(cell)) return CellKind::date;
  return is_decorated(cell) ? CellKind::decorated : CellKind::word;
}

std::optional<double> read_number(std::string_view cell) {
  const auto value = read_value(cell);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

std::optional<double> read_feature(std::string_view cell) {
  const auto value = read_number(cell);
  return value ? value : truth_value(cell);
}

bool is_digits(std::string_view cell) {
  if (cell.starts_with('+') || cell.starts_with('-')) cell.remove_prefix(1);
  return !cell.empty() && std::all_of(cell.begin(), cell.end(), is_digit);
}

std::optional<std::int64_t> read_whole(std::string_view cell) {
  constexpr double kExact = 9007199254740992.0;  // 2^53
  if (is_digits(cell)) {
    const std::string_view digits = without_plus(cell);
    std::int64_t value = 0;
    const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return result.ec == std::errc() ? std::optional(value) : std::nullopt;
  }
  const auto value = read_number(cell);
  if (!value || *value != std::trunc(*value) || std::abs(*value) > kExact) return std::nullopt;
  return static_cast<std::int64_t>(*value);
}

std::string shortened(std::string_view cell) {
  constexpr std::size_t kLength = 40;
  return std::string(cell.substr(0, kLength)) + (cell.size() > kLength ? "..." : "");
}

std::string number_problem(std::string_view cell, std::string_view column) {
  if (cell.empty()) {
    return fmt::format("the cell is empty ('{}'): skarma needs a number in every cell", column);
  }
  const std::string text = shortened(cell);
  switch (kind_of(cell)) {
    case CellKind::missing:
    case CellKind::none:
      return fmt::format("the value of '{}' is missing ('{}'): skarma needs a number in every cell",
                         column, text);
    case CellKind::decorated:
      return fmt::format(
          "'{}' is not a plain number; write 1234.5, with a decimal point and nothing else", text);
    case CellKind::date:
      return fmt::format("'{}' is a date; write what matters of it as numbers", text);
    case CellKind::word:
      if (is_digit(text[0])) return fmt::format("'{}' is not a number", text);
      return fmt::format("'{}' is not a number; write categories as columns of 0 and 1", text);
    case CellKind::truth:
      return fmt::format("'{}' is not a number", text);
    default:
      return fmt::format("'{}' is not a finite number", text);
  }
}

}  // namespace skarma::cli
