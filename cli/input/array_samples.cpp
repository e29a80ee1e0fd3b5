#include <skarma/cli/input/array_samples.hpp>

#include <array>
#include <cmath>
#include <filesystem>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <skarma/cli/input/byte_source.hpp>
#include <skarma/cli/input/csv_columns.hpp>
#include <skarma/cli/usage_error.hpp>
#include <skarma/cli/wording.hpp>
#include <skarma/core/base/errors.hpp>
#include <skarma/datasets/read_idx.hpp>
#include <skarma/datasets/read_npy.hpp>

namespace skarma::cli {
namespace {

std::string all_bytes(const std::string& path) {
  ByteSource source(path);
  std::string bytes;
  std::array<char, 1 << 16> block{};
  while (const std::size_t n = source.read(block)) bytes.append(block.data(), n);
  return bytes;
}

NumberArray read_array(const std::string& path) {
  const std::string bytes = all_bytes(path);
  try {
    return begins_like_npy(bytes) ? parse_npy(bytes, path) : parse_idx(bytes, path);
  } catch (const std::runtime_error& error) {
    const std::string_view text = error.what();  // "PATH: what is wrong."
    throw DataError(path, 0, 0,
                    std::string(text.substr(path.size() + 2, text.size() - path.size() - 3)));
  }
}

Matrix<double> table_of(const std::string& path, const NumberArray& array) {
  if (array.shape().empty()) throw DataError(path, 0, 0, "it holds a single number, no samples");
  if (array.size() == 0) throw DataError(path, 0, 0, "it holds no samples");
  return array.matrix<double>();
}

std::string description_of(const std::string& path, const NumberArray& array) {
  return fmt::format("{}: an array of shape ({}) of {}", path, fmt::join(array.shape(), ", "),
                     name_of(array.type()));
}

void check_finite(const std::string& path, const Matrix<double>& table,
                  const std::vector<std::size_t>& columns) {
  for (std::size_t i = 0; i < table.rows(); ++i) {
    for (const std::size_t c : columns) {
      if (std::isfinite(table(i, c))) continue;
      throw DataError(path, i + 1, c + 1,
                      fmt::format("{} in column 'x{}' is not finite", table(i, c), c + 1));
    }
  }
}

TargetColumn target_column(const std::string& name, const Matrix<double>& table, std::size_t c) {
  TargetColumn column{name, c + 1, {}, {}};
  for (std::size_t i = 0; i < table.rows(); ++i) {
    column.cells.push_back(fmt::format("{}", table(i, c)));
    column.lines.push_back(i + 1);
  }
  return column;
}

/// These columns, which are in order: the table itself if they are all.
Matrix<double> features_of(Matrix<double> table, const std::vector<std::size_t>& columns) {
  if (columns.size() == table.cols()) return table;
  Matrix<double> features(table.rows(), columns.size());
  for (std::size_t i = 0; i < table.rows(); ++i) {
    for (std::size_t j = 0; j < columns.size(); ++j) features(i, j) = table(i, columns[j]);
  }
  return features;
}

}  // namespace

bool is_array_file(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return false;
  ByteSource source(path);
  std::array<char, 8> first{};
  std::size_t n = 0;
  while (n < first.size()) {
    const std::size_t more = source.read(std::span(first).subspan(n));
    if (more == 0) break;
    n += more;
  }
  const std::string_view bytes(first.data(), n);
  return begins_like_npy(bytes) || begins_like_idx(bytes);
}

CsvData read_array_data(const std::string& path, const ColumnChoice& choice) {
  if (choice.header == Header::yes) {
    throw UsageError("--header yes: the file is an array of numbers, which has no header.");
  }
  const NumberArray array = read_array(path);
  Matrix<double> table = table_of(path, array);
  const CsvColumns columns = choose_columns(path, choice, nullptr, table.cols());
  check_finite(path, table, columns.features);
  CsvData data{.x = {},
               .feature_names = {},
               .weights = {},
               .targets = {},
               .found = description_of(path, array),
               .target_is_default = columns.target_is_default};
  if (columns.weights) {
    check_finite(path, table, {*columns.weights});
    for (std::size_t i = 0; i < table.rows(); ++i)
      data.weights.push_back(table(i, *columns.weights));
  }
  for (const std::size_t c : columns.targets) {
    data.targets.push_back(target_column(columns.names[c], table, c));
  }
  data.x = features_of(std::move(table), columns.features);
  return data;
}

std::vector<TargetColumn> read_array_targets(const std::string& path, std::size_t n_samples) {
  if (!is_array_file(path)) {
    if (!std::filesystem::exists(path)) ByteSource missing(path);  // says so
    throw DataError(path, 0, 0, "targets of a file of their own come as an array, .npy or IDX");
  }
  const Matrix<double> table = table_of(path, read_array(path));
  if (table.rows() != n_samples) {
    throw DataError(path, 0, 0,
                    fmt::format("it has {}, and there are {}", counted(table.rows(), "target"),
                                counted(n_samples, "sample")));
  }
  const std::string name = std::filesystem::path(path).filename().string();
  std::vector<TargetColumn> columns;
  for (std::size_t c = 0; c < table.cols(); ++c) {
    columns.push_back(
        target_column(table.cols() == 1 ? name : fmt::format("{}[{}]", name, c + 1), table, c));
  }
  return columns;
}

}  // namespace skarma::cli
