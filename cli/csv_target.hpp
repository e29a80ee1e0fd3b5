#pragma once

#include <string>
#include <vector>

#include <skarma/cli/samples.hpp>

namespace skarma::cli {

/// What a target is taken for; `detected`: words, and whole numbers of at most 20 different values,
/// are classes (several targets: 0 and 1 alone), everything else is a number to predict; `words`:
/// classes, as they are written.
enum class TaskChoice { detected, classification, words, regression };

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
