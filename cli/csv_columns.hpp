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
};

/// A cell as a finite number, if it is one: 1, -2.5, 1e-3, +4.
std::optional<double> read_number(std::string_view cell);

/// Whether the first of two records is a header: all of its cells are words, or one is a word above
/// a number.
bool looks_like_header(const CsvRecord& first, const CsvRecord* second);

/// Gives every column its part. `header` is null if the file has none; `n_columns` are there.
/// Throws UsageError for a column that does not exist (naming the nearest), is used twice, or when
/// nothing is left; DataError for names that occur twice or are empty, and for features of the
/// model that are not there.
CsvColumns choose_columns(const std::string& path, const ColumnChoice& choice,
                          const CsvRecord* header, std::size_t n_columns);

}  // namespace skarma::cli
