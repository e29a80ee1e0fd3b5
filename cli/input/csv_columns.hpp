#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skarma::cli {

struct ColumnChoice;
struct CsvRecord;

/// Which column of a file is for what, as positions from 0.
struct CsvColumns {
  std::vector<std::string> names;  // of all columns
  std::vector<std::size_t> features;
  std::vector<std::size_t> targets;
  std::optional<std::size_t> weights;
  bool target_is_default = false;  // nobody named it
};

/// Gives every column its part. `header` is null if the file has none; `n_columns` are there. The
/// target that nobody names is the last column that is free; beside the features of a model it is
/// the only one.
/// Throws UsageError for a column that does not exist (naming the nearest), is used twice, or when
/// nothing is left, and where it is not clear which column is the target; DataError for names that
/// occur twice or are empty, and for features of the model that are not there.
CsvColumns choose_columns(const std::string& path, const ColumnChoice& choice,
                          const CsvRecord* header, std::size_t n_columns);

}  // namespace skarma::cli
