#include <skarma/cli/csv_target.hpp>

#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include <skarma/cli/csv_columns.hpp>
#include <skarma/cli/usage_error.hpp>
#include <skarma/core/base/errors.hpp>

namespace skarma::cli {
namespace {

constexpr std::size_t kMostClasses = 20;  // of whole numbers, when nothing else is said

struct Place {
  const std::string& path;
  const TargetColumn& column;

  [[noreturn]] void fail(std::size_t row, const std::string& problem) const {
    throw DataError(path, column.lines[row], column.column, problem);
  }
};

std::size_t count_numbers(const TargetColumn& column) {
  return static_cast<std::size_t>(
      std::count_if(column.cells.begin(), column.cells.end(),
                    [](const std::string& cell) { return read_number(cell).has_value(); }));
}

void check_not_empty(const Place& place) {
  const auto& cells = place.column.cells;
  const auto empty = std::find(cells.begin(), cells.end(), "");
  if (empty == cells.end()) return;
  place.fail(static_cast<std::size_t>(empty - cells.begin()),
             fmt::format("the target '{}' is empty", place.column.name));
}

std::vector<double> numbers_of(const Place& place, const char* advice) {
  std::vector<double> numbers;
  for (std::size_t row = 0; row < place.column.cells.size(); ++row) {
    const auto value = read_number(place.column.cells[row]);
    if (!value) {
      place.fail(row, fmt::format("the target '{}' is not a finite number here but '{}'{}",
                                  place.column.name, place.column.cells[row], advice));
    }
    numbers.push_back(*value);
  }
  return numbers;
}

bool all_whole(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(),
                     [](double v) { return v == std::trunc(v) && std::abs(v) < 1e15; });
}

bool looks_like_classes(const std::vector<double>& values) {
  return all_whole(values) && std::set(values.begin(), values.end()).size() <= kMostClasses;
}

/// Numbers as labels: whole ones as integers.
Target labels_of(const TargetColumn& column, const std::vector<double>& values) {
  if (all_whole(values)) return Target(std::vector<std::int64_t>(values.begin(), values.end()));
  throw UsageError(fmt::format(
      "--target {}: numbers with fractions are no classes; use --task regression.", column.name));
}

CsvTarget read_one(const Place& place, TaskChoice task) {
  check_not_empty(place);
  const std::size_t n_numbers = count_numbers(place.column);
  const bool words = task == TaskChoice::words || 2 * n_numbers < place.column.cells.size() ||
                     (task == TaskChoice::classification && n_numbers < place.column.cells.size());
  if (words && task != TaskChoice::regression) {
    return {Target(place.column.cells), Task::classification};
  }
  const auto values = numbers_of(
      place, task == TaskChoice::detected ? "; --task classification takes all as words" : "");
  const bool classes = task == TaskChoice::classification ||
                       (task == TaskChoice::detected && looks_like_classes(values));
  if (classes) return {labels_of(place.column, values), Task::classification};
  return {Target(values), Task::regression};
}

CsvTarget read_several(const std::string& path, const std::vector<TargetColumn>& columns,
                       TaskChoice task) {
  Matrix<double> y(columns.front().cells.size(), columns.size());
  bool all_flags = true;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const Place place{path, columns[c]};
    check_not_empty(place);
    const auto values = numbers_of(place, "; several targets must be numbers");
    for (std::size_t row = 0; row < values.size(); ++row) {
      y(row, c) = values[row];
      all_flags = all_flags && (values[row] == 0.0 || values[row] == 1.0);
    }
  }
  if (task == TaskChoice::classification && !all_flags) {
    throw UsageError("--target: several targets of a classification hold 0 and 1 alone.");
  }
  if (!all_flags || task == TaskChoice::regression) return {Target::numbers(y), Task::regression};
  return {Target::multilabel(y), Task::classification};
}

}  // namespace

CsvTarget read_target(const std::string& path, const std::vector<TargetColumn>& columns,
                      TaskChoice task) {
  if (columns.size() == 1) return read_one({path, columns.front()}, task);
  return read_several(path, columns, task);
}

}  // namespace skarma::cli
