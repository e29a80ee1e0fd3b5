#pragma once

#include <string>
#include <vector>

#include <skarma/cli/input/csv_target.hpp>
#include <skarma/cli/input/samples.hpp>

namespace skarma::cli {

enum class Header { detected, yes, no };

/// What a fitted model is given. Features with names are found by them, wherever they stand, and
/// other columns are passed over; without names, here or in the file, all that is left is taken.
struct ModelFeatures {
  std::size_t n;
  std::vector<std::string> names{};  // empty, or n
};

/// The columns of a file, and what it was taken for.
struct CsvData {
  Matrix<double> x;                        // (n_samples, n_features)
  std::vector<std::string> feature_names;  // empty without a header
  std::vector<double> weights;
  std::vector<TargetColumn> targets;
  std::string found;  // "t.csv: 30 rows of 3 columns separated by commas, with a header"
  bool target_is_default = false;
};

/// What the columns of a file are for. A column is given by its name or its number, which counts
/// from 1, or from -1 at the end; every column that is not named here is a feature.
struct ColumnChoice {
  std::vector<std::string> targets{};  // none: see choose_columns
  std::vector<std::string> dropped{};
  std::string weights{};      // "" = none
  std::string target_file{};  // an array with the targets; then all columns are free for features
  Header header = Header::detected;
  bool needs_target = true;
  const ModelFeatures* model = nullptr;  // the features that a fitted model asks for
};

/// Reads a CSV file, or one with an array of numbers (array_samples.hpp). Without a header the
/// columns are called x1, x2 ... in messages. Throws UsageError for columns that do not exist,
/// DataError naming file, line and column for cells that are missing, no numbers or not finite,
/// lines of different lengths, no samples, and features of the model that the file lacks.
CsvData read_csv_data(const std::string& path, const ColumnChoice& choice);

/// The same with targets to learn from or to compare with.
Samples read_csv_samples(const std::string& path, const ColumnChoice& choice, TaskChoice task);

}  // namespace skarma::cli
