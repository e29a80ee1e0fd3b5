#pragma once

#include <string>
#include <vector>

#include <skarma/cli/samples.hpp>

namespace skarma::cli {

enum class Header { detected, yes, no };

/// What the columns of a file are for. A column is given by its name or its number, which counts
/// from 1, or from -1 at the end; every column that is not named here is a feature.
struct ColumnChoice {
  std::vector<std::string> targets{};
  std::vector<std::string> dropped{};
  std::string weights{};  // "" = none
  Header header = Header::detected;
};

/// What the target is taken for; `detected`: words, and whole numbers of at most 20 different
/// values, are classes (several targets: 0 and 1 alone), everything else is a number to predict.
enum class TaskChoice { detected, classification, regression };

/// Reads samples from a CSV file. Without a header the columns are called x1, x2 ...
/// Throws UsageError for columns that do not exist, DataError naming file, line and column for
/// cells that are missing, no numbers or not finite, lines of different lengths, no samples.
Samples read_csv_samples(const std::string& path, const ColumnChoice& choice, TaskChoice task);

}  // namespace skarma::cli
