#include <skarma/cli/csv_samples.hpp>

#include <filesystem>

#include <fmt/format.h>

#include <skarma/cli/csv_columns.hpp>
#include <skarma/cli/csv_reader.hpp>
#include <skarma/cli/csv_target.hpp>
#include <skarma/core/base/errors.hpp>

namespace skarma::cli {
namespace {

/// Why a cell is no number, and what to do where the column is not needed.
std::string cell_problem(const std::string& cell, const std::string& column, bool needed) {
  if (cell.empty()) {
    return fmt::format("the cell is empty ('{}'): skarma needs a number in every cell", column);
  }
  const std::string text = cell.size() <= 40 ? cell : cell.substr(0, 40) + "...";
  return fmt::format("'{}' is not a finite number", text) +
         (needed ? "" : fmt::format("; --drop '{}' leaves the column out", column));
}

/// Takes the records of a file one by one and keeps what is asked for.
class SamplesReader {
 public:
  SamplesReader(const std::string& path, const ColumnChoice& choice)
      : path_(path), choice_(choice) {}

  void take(CsvRecord record) {
    if (started_) {
      add(record);
    } else if (!first_) {
      first_ = std::move(record);
    } else {
      start(&record);
      add(record);
    }
  }

  CsvData finish() {
    if (!started_) {
      if (!first_) throw DataError(path_, 0, 0, "the file is empty");
      start(nullptr);
    }
    if (n_samples_ == 0) throw DataError(path_, 0, 0, "there is a header and no samples");
    CsvData data{.x = Matrix<double>(n_samples_, columns_.features.size(), std::move(x_)),
                 .feature_names = {},
                 .weights = std::move(weights_),
                 .targets = std::move(targets_)};
    if (!has_header_) return data;
    for (const std::size_t c : columns_.features) data.feature_names.push_back(columns_.names[c]);
    return data;
  }

 private:
  /// The first record is there, and the second unless there is but one.
  void start(const CsvRecord* second) {
    started_ = true;
    const bool detected = choice_.header == Header::detected;
    has_header_ = detected ? looks_like_header(*first_, second) : choice_.header == Header::yes;
    columns_ =
        choose_columns(path_, choice_, has_header_ ? &*first_ : nullptr, first_->cells.size());
    for (const std::size_t c : columns_.targets)
      targets_.push_back({columns_.names[c], c + 1, {}, {}});
    if (!has_header_) add(*first_);
  }

  void add(const CsvRecord& record) {
    if (record.cells.size() != columns_.names.size()) {
      throw DataError(path_, record.line, 0,
                      fmt::format("the line has {} cells, the first line has {}",
                                  record.cells.size(), columns_.names.size()));
    }
    for (const std::size_t c : columns_.features) x_.push_back(number(record, c));
    if (columns_.weights) weights_.push_back(number(record, *columns_.weights));
    for (std::size_t t = 0; t < targets_.size(); ++t) {
      targets_[t].cells.push_back(record.cells[columns_.targets[t]]);
      targets_[t].lines.push_back(record.line);
    }
    ++n_samples_;
  }

  double number(const CsvRecord& record, std::size_t column) const {
    if (const auto value = read_number(record.cells[column])) return *value;
    throw DataError(
        path_, record.line, column + 1,
        cell_problem(record.cells[column], columns_.names[column], choice_.model != nullptr));
  }

  const std::string& path_;
  const ColumnChoice& choice_;
  std::optional<CsvRecord> first_;
  bool started_ = false;
  bool has_header_ = false;
  CsvColumns columns_;
  std::size_t n_samples_ = 0;
  std::vector<double> x_;
  std::vector<double> weights_;
  std::vector<TargetColumn> targets_;
};

}  // namespace

CsvData read_csv_data(const std::string& path, const ColumnChoice& choice) {
  SamplesReader reader(path, choice);
  read_csv(path, [&](CsvRecord record) { reader.take(std::move(record)); });
  return reader.finish();
}

Samples read_csv_samples(const std::string& path, const ColumnChoice& choice, TaskChoice task) {
  CsvData data = read_csv_data(path, choice);
  CsvTarget target = read_target(path, data.targets, task);
  return {.name = std::filesystem::path(path).filename().string(),
          .x = std::move(data.x),
          .feature_names = std::move(data.feature_names),
          .y = std::move(target.y),
          .weights = std::move(data.weights),
          .task = target.task};
}

}  // namespace skarma::cli
