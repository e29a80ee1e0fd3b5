#pragma once

#include <string>
#include <vector>

#include <skarma/cli/input/samples.hpp>

namespace skarma::cli {

/// What a target is taken for. `detected`: words, whole numbers of at most 20 different values, and
/// whole numbers written with zeros in front or of more than 64 bits (as words) are classes,
/// several targets of 0 and 1 alone are labels that may hold at once, everything else is a number
/// to predict. `classification` and `regression` are what the user says. What a model asks for:
/// `words`, classes as they are written; `labels`, numbers if all are; `numbers`.
enum class TaskChoice { detected, classification, regression, words, labels, numbers };

/// The cells of a target column, and where they stand.
struct TargetColumn {
  std::string name;
  std::size_t column;  // from 1
  std::vector<std::string> cells;
  std::vector<std::size_t> lines;
};

struct CsvTarget {
  Target y;
  Task task;
};

/// Turns target columns into what an estimator learns: words and whole numbers are labels, several
/// columns of 0 and 1 are labels that may hold at once. Throws DataError for a cell that does not
/// fit, UsageError for a task that the target cannot have.
CsvTarget read_target(const std::string& path, const std::vector<TargetColumn>& columns,
                      TaskChoice task);

}  // namespace skarma::cli
