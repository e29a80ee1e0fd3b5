#include <skarma/cli/csv_columns.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <skarma/cli/csv_reader.hpp>
#include <skarma/cli/csv_samples.hpp>
#include <skarma/cli/usage_error.hpp>
#include <skarma/core/base/errors.hpp>
#include <skarma/core/base/nearest_name.hpp>

namespace skarma::cli {
namespace {

std::vector<std::string> names_of(const CsvRecord* header, std::size_t n_columns) {
  if (header != nullptr) return header->cells;
  std::vector<std::string> names;
  for (std::size_t c = 1; c <= n_columns; ++c) names.push_back(fmt::format("x{}", c));
  return names;
}

/// "a, b, c" and no more than the first dozen.
std::string listed(const std::vector<std::string>& names) {
  const auto n = std::min<std::size_t>(names.size(), 12);
  const auto end = names.begin() + static_cast<std::ptrdiff_t>(n);
  return fmt::format("{}{}", fmt::join(names.begin(), end, ", "), n < names.size() ? ", ..." : "");
}

/// The position of a column that is given by name or number.
std::size_t find_column(std::string_view flag, const std::string& typed,
                        const std::vector<std::string>& names) {
  const auto found = std::find(names.begin(), names.end(), typed);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  long number = 0;
  const auto [end, error] = std::from_chars(typed.data(), typed.data() + typed.size(), number);
  const auto n = static_cast<long>(names.size());
  if (error == std::errc() && end == typed.data() + typed.size()) {
    if (number >= 1 && number <= n) return static_cast<std::size_t>(number - 1);
    if (number >= -n && number <= -1) return static_cast<std::size_t>(n + number);
    throw UsageError(fmt::format("{} {}: there are {} columns, counted from 1, or back from -1.",
                                 flag, typed, n));
  }
  const std::vector<std::string_view> known(names.begin(), names.end());
  throw UsageError(fmt::format("{}: there is no column '{}'.{} The columns are {}.", flag, typed,
                               did_you_mean(typed, known), listed(names)));
}

/// What a column is already used for.
class Uses {
 public:
  explicit Uses(const std::vector<std::string>& names) : names_(names), flags_(names.size()) {}

  std::size_t take(std::string_view flag, const std::string& typed) {
    const std::size_t column = find_column(flag, typed, names_);
    if (!flags_[column].empty()) {
      throw UsageError(fmt::format("Column '{}' is given to {} and to {}.", names_[column],
                                   flags_[column], flag));
    }
    flags_[column] = flag;
    return column;
  }
  bool is_free(std::size_t column) const { return flags_[column].empty(); }
  bool is_dropped(std::size_t column) const { return flags_[column] == "--drop"; }

 private:
  const std::vector<std::string>& names_;
  std::vector<std::string_view> flags_;
};

void check_names(const std::string& path, const CsvRecord& header, const Uses& uses) {
  for (std::size_t c = 0; c < header.cells.size(); ++c) {
    if (uses.is_dropped(c)) continue;
    const std::string& name = header.cells[c];
    if (name.empty()) {
      throw DataError(path, header.line, c + 1,
                      fmt::format("the column has no name; --drop {} leaves it out", c + 1));
    }
    const auto before = header.cells.begin() + static_cast<std::ptrdiff_t>(c);
    if (std::find(header.cells.begin(), before, name) != before) {
      throw DataError(path, header.line, c + 1,
                      fmt::format("a second column is called '{}'", name));
    }
  }
}

}  // namespace

std::optional<double> read_number(std::string_view cell) {
  if (cell.starts_with('+') && !cell.starts_with("+-")) cell.remove_prefix(1);
  double value = 0.0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (end != cell.data() + cell.size() || error == std::errc::invalid_argument) return std::nullopt;
  // Beyond the range of a double: strtod tells too large (infinite) from too small (zero).
  if (error != std::errc()) value = std::strtod(std::string(cell).c_str(), nullptr);
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

bool looks_like_header(const CsvRecord& first, const CsvRecord* second) {
  const auto is_word = [](const std::string& cell) { return !cell.empty() && !read_number(cell); };
  if (std::all_of(first.cells.begin(), first.cells.end(), is_word)) return true;
  if (second == nullptr) return false;
  for (std::size_t c = 0; c < std::min(first.cells.size(), second->cells.size()); ++c) {
    if (is_word(first.cells[c]) && read_number(second->cells[c])) return true;
  }
  return false;
}

CsvColumns choose_columns(const std::string& path, const ColumnChoice& choice,
                          const CsvRecord* header, std::size_t n_columns) {
  CsvColumns columns{
      .names = names_of(header, n_columns), .features = {}, .targets = {}, .weights = {}};
  if (choice.targets.empty()) {
    throw UsageError(fmt::format("which column is to be learnt? Name it with --target; {} has {}.",
                                 path, listed(columns.names)));
  }
  Uses uses(columns.names);
  for (const std::string& typed : choice.dropped) uses.take("--drop", typed);
  for (const std::string& typed : choice.targets) {
    columns.targets.push_back(uses.take("--target", typed));
  }
  if (!choice.weights.empty()) columns.weights = uses.take("--weights", choice.weights);
  for (std::size_t c = 0; c < n_columns; ++c) {
    if (uses.is_free(c)) columns.features.push_back(c);
  }
  if (columns.features.empty())
    throw UsageError(fmt::format("{}: no column is left to learn from.", path));
  if (header != nullptr) check_names(path, *header, uses);
  return columns;
}

}  // namespace skarma::cli
