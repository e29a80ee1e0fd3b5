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

std::size_t position_of(std::string_view name, const std::vector<std::string>& names) {
  return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

/// Columns that nobody uses may be called as they like: those that were dropped, and, where the
/// features have names, those that were not asked for.
void check_names(const std::string& path, const CsvRecord& header, const Uses& uses,
                 bool features_have_names) {
  const auto is_idle = [&](std::size_t c) {
    return uses.is_dropped(c) || (features_have_names && uses.is_free(c));
  };
  for (std::size_t c = 0; c < header.cells.size(); ++c) {
    const std::string& name = header.cells[c];
    if (name.empty() && !is_idle(c)) {
      throw DataError(path, header.line, c + 1,
                      fmt::format("the column has no name; --drop {} leaves it out", c + 1));
    }
    const std::size_t first = position_of(name, header.cells);
    if (first != c && !uses.is_dropped(c) && !(is_idle(first) && is_idle(c))) {
      throw DataError(path, header.line, c + 1,
                      fmt::format("a second column is called '{}'", name));
    }
  }
}

/// The columns with these names, in this order.
std::vector<std::size_t> take_features(const std::string& path, const CsvRecord& header,
                                       const std::vector<std::string>& names, Uses& uses) {
  std::vector<std::size_t> features;
  std::vector<std::string> missing;
  for (const std::string& name : names) {
    const std::size_t column = position_of(name, header.cells);
    if (column == header.cells.size()) {
      missing.push_back(name);
    } else {
      features.push_back(uses.take("the model", name));
    }
  }
  if (missing.empty()) return features;
  const std::vector<std::string_view> known(header.cells.begin(), header.cells.end());
  throw DataError(
      path, header.line, 0,
      missing.size() == 1
          ? fmt::format("there is no column '{}', which the model was fitted on.{}", missing[0],
                        did_you_mean(missing[0], known))
          : fmt::format("{} of the {} columns that the model was fitted on are not there: {}",
                        missing.size(), names.size(), listed(missing)));
}

/// All columns that nothing else uses.
std::vector<std::size_t> free_columns(const std::string& path, std::size_t n_columns,
                                      const Uses& uses, const ModelFeatures* model) {
  std::vector<std::size_t> features;
  for (std::size_t c = 0; c < n_columns; ++c) {
    if (uses.is_free(c)) features.push_back(c);
  }
  if (features.empty()) {
    throw UsageError(fmt::format("{}: no column is left to learn from.", path));
  }
  if (model != nullptr && features.size() != model->n) {
    throw DataError(path, 0, 0,
                    fmt::format("the model was fitted on {} feature{}, and here are {} columns; "
                                "--drop leaves a column out",
                                model->n, model->n == 1 ? "" : "s", features.size()));
  }
  return features;
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
  if (choice.needs_target && choice.targets.empty()) {
    throw UsageError(fmt::format("which column is the target? Name it with --target; {} has {}.",
                                 path, listed(columns.names)));
  }
  Uses uses(columns.names);
  for (const std::string& typed : choice.dropped) uses.take("--drop", typed);
  for (const std::string& typed : choice.targets) {
    columns.targets.push_back(uses.take("--target", typed));
  }
  if (!choice.weights.empty()) columns.weights = uses.take("--weights", choice.weights);
  const bool by_name = header != nullptr && choice.model != nullptr && !choice.model->names.empty();
  columns.features = by_name ? take_features(path, *header, choice.model->names, uses)
                             : free_columns(path, n_columns, uses, choice.model);
  if (header != nullptr) check_names(path, *header, uses, by_name);
  return columns;
}

}  // namespace skarma::cli
