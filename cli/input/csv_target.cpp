#include <skarma/cli/input/csv_target.hpp>

#include <algorithm>
#include <optional>
#include <set>
#include <stdexcept>

#include <fmt/format.h>

#include <skarma/cli/input/csv_cell.hpp>
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

template <class Is>
std::size_t count(const TargetColumn& column, Is is) {
  return static_cast<std::size_t>(std::count_if(column.cells.begin(), column.cells.end(), is));
}

bool holds_number(const std::string& cell) { return read_number(cell).has_value(); }

/// A value that is not there is no class. A word such as None is one if the user says so.
void check_not_missing(const Place& place, TaskChoice task) {
  const auto& cells = place.column.cells;
  const bool none_is_missing =
      task == TaskChoice::detected || task == TaskChoice::regression || task == TaskChoice::numbers;
  for (std::size_t row = 0; row < cells.size(); ++row) {
    const CellKind kind = kind_of(cells[row]);
    if (cells[row].empty())
      place.fail(row, fmt::format("the target '{}' is empty", place.column.name));
    if (kind != CellKind::missing && !(kind == CellKind::none && none_is_missing)) continue;
    const bool may_be_class = kind == CellKind::none && task == TaskChoice::detected;
    place.fail(row,
               fmt::format("the target '{}' is missing ('{}'); leave the line out{}",
                           place.column.name, cells[row],
                           may_be_class ? ", or say --task classification if it is a class" : ""));
  }
}

std::vector<double> numbers_of(const Place& place, const char* advice) {
  std::vector<double> numbers;
  for (std::size_t row = 0; row < place.column.cells.size(); ++row) {
    const auto value = read_number(place.column.cells[row]);
    if (!value) {
      place.fail(row, fmt::format("the target '{}' is not a finite number here but '{}'{}",
                                  place.column.name, shortened(place.column.cells[row]), advice));
    }
    numbers.push_back(*value);
  }
  return numbers;
}

/// The cells as whole numbers, if all are.
std::optional<std::vector<std::int64_t>> all_whole(const TargetColumn& column) {
  std::vector<std::int64_t> numbers;
  for (const std::string& cell : column.cells) {
    const auto number = read_whole(cell);
    if (!number) return std::nullopt;
    numbers.push_back(*number);
  }
  return numbers;
}

/// Digits that are a name and no quantity: 007, or more than 64 bits.
bool is_identifier(const std::string& cell) {
  if (!is_digits(cell)) return false;
  const std::string_view digits = std::string_view(cell).substr(cell.find_first_of("0123456789"));
  return (digits.size() > 1 && digits[0] == '0') || !read_whole(cell);
}

bool are_identifiers(const TargetColumn& column) {
  return count(column, is_identifier) > 0 && count(column, is_digits) == column.cells.size();
}

bool holds_decorated(const std::string& cell) { return kind_of(cell) == CellKind::decorated; }

/// Words, of which most are numbers that somebody has written otherwise.
void check_words(const Place& place) {
  const auto& cells = place.column.cells;
  if (2 * count(place.column, holds_decorated) < cells.size()) return;
  const auto first = std::find_if(cells.begin(), cells.end(), holds_decorated);
  place.fail(static_cast<std::size_t>(first - cells.begin()),
             fmt::format("the target '{}': {}; --task classification takes all as words",
                         place.column.name, number_problem(*first, place.column.name)));
}

CsvTarget as_classes(const TargetColumn& column) {
  if (auto whole = all_whole(column)) return {Target(*whole), Task::classification};
  return {Target(column.cells), Task::classification};
}

CsvTarget as_numbers(const Place& place, const char* advice) {
  return {Target(numbers_of(place, advice)), Task::regression};
}

CsvTarget read_detected(const Place& place) {
  const TargetColumn& column = place.column;
  if (are_identifiers(column)) return {Target(column.cells), Task::classification};
  if (2 * count(column, holds_number) < column.cells.size()) {
    check_words(place);
    return {Target(column.cells), Task::classification};
  }
  if (const auto whole = all_whole(column)) {
    if (std::set(whole->begin(), whole->end()).size() <= kMostClasses) return as_classes(column);
  }
  return as_numbers(place, "; --task classification takes all as words");
}

CsvTarget read_classification(const TargetColumn& column) {
  const std::size_t n_numbers = count(column, holds_number);
  if (are_identifiers(column) || n_numbers < column.cells.size()) {
    return {Target(column.cells), Task::classification};
  }
  if (all_whole(column)) return as_classes(column);
  throw UsageError(fmt::format(
      "--target {}: numbers with fractions are no classes; use --task regression.", column.name));
}

/// The labels of a file, to be compared with those of a model: numbers if all are.
CsvTarget read_labels(const Place& place) {
  const TargetColumn& column = place.column;
  const bool real = !all_whole(column) && count(column, holds_number) == column.cells.size();
  if (!real) return as_classes(column);
  return {Target(numbers_of(place, "")), Task::classification};
}

CsvTarget read_one(const Place& place, TaskChoice task) {
  check_not_missing(place, task);
  switch (task) {
    case TaskChoice::detected:
      return read_detected(place);
    case TaskChoice::classification:
      return read_classification(place.column);
    case TaskChoice::regression:
      return as_numbers(place, "");
    case TaskChoice::words:
      return {Target(place.column.cells), Task::classification};
    case TaskChoice::labels:
      return read_labels(place);
    case TaskChoice::numbers:
      return as_numbers(place, "; the model predicts numbers");
  }
  throw std::logic_error("There is no such task.");
}

CsvTarget read_several(const std::string& path, const std::vector<TargetColumn>& columns,
                       TaskChoice task) {
  Matrix<double> y(columns.front().cells.size(), columns.size());
  bool all_flags = true;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const Place place{path, columns[c]};
    check_not_missing(place, TaskChoice::regression);
    const auto values = numbers_of(place, "; several targets must be numbers");
    for (std::size_t row = 0; row < values.size(); ++row) {
      y(row, c) = values[row];
      all_flags = all_flags && (values[row] == 0.0 || values[row] == 1.0);
    }
  }
  if (task == TaskChoice::classification && !all_flags) {
    throw UsageError("--target: several targets of a classification hold 0 and 1 alone.");
  }
  if (!all_flags || task == TaskChoice::regression || task == TaskChoice::numbers)
    return {Target::numbers(y), Task::regression};
  return {Target::multilabel(y), Task::classification};
}

}  // namespace

CsvTarget read_target(const std::string& path, const std::vector<TargetColumn>& columns,
                      TaskChoice task) {
  if (columns.size() == 1) return read_one({path, columns.front()}, task);
  return read_several(path, columns, task);
}

}  // namespace skarma::cli
