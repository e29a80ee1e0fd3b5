#pragma once

#include <string>
#include <vector>

#include <skarma/cli/input/csv_samples.hpp>

namespace skarma::cli {

/// Whether a file holds an array of numbers, of NumPy's format (.npy) or MNIST's (IDX), which may
/// be compressed with gzip: it is told by its first bytes. What is no plain file does not.
bool is_array_file(const std::string& path);

/// Reads such a file as a table without a header: the first axis are samples, the others lie side
/// by side. Throws DataError for bytes that are no such array, numbers that are not finite and no
/// samples, UsageError as read_csv_data.
CsvData read_array_data(const std::string& path, const ColumnChoice& choice);

/// The targets in such a file, one row of columns a sample. Throws DataError, also if there are not
/// `n_samples`.
std::vector<TargetColumn> read_array_targets(const std::string& path, std::size_t n_samples);

}  // namespace skarma::cli
