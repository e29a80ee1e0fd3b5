#include <skarma/cli/input/csv_samples.hpp>

#include <filesystem>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <skarma/cli/input/array_samples.hpp>
#include <skarma/cli/input/csv_cell.hpp>
#include <skarma/cli/input/csv_columns.hpp>
#include <skarma/cli/input/csv_header.hpp>
#include <skarma/cli/input/csv_reader.hpp>
#include <skarma/cli/input/csv_target.hpp>
#include <skarma/cli/wording.hpp>
#include <skarma/core/base/errors.hpp>

namespace skarma::cli {
namespace {

constexpr std::size_t kRecordsThatShow = 32;  // whether there is a header

/// Takes the records of a file one by one and keeps what is asked for.
class SamplesReader {
 public:
  SamplesReader(const std::string& path, const ColumnChoice& choice)
      : path_(path), choice_(choice) {}

  void take(CsvRecord record) {
    if (started_) return add(record);
    first_.push_back(std::move(record));
    if (first_.size() == kRecordsThatShow) start();
  }

  CsvData finish(const CsvFormat& format) {
    if (!started_) {
      if (first_.empty()) throw DataError(path_, 0, 0, "the file is empty");
      start();
    }
    if (n_samples_ == 0) throw DataError(path_, 0, 0, "there is a header and no samples");
    CsvData data{.x = Matrix<double>(n_samples_, columns_.features.size(), std::move(x_)),
                 .feature_names = {},
                 .weights = std::move(weights_),
                 .targets = std::move(targets_),
                 .found = found(format),
                 .target_is_default = columns_.target_is_default};
    if (!has_header_) return data;
    for (const std::size_t c : columns_.features) data.feature_names.push_back(columns_.names[c]);
    return data;
  }

 private:
  void start() {
    started_ = true;
    has_header_ = choice_.header == Header::detected ? looks_like_header(first_, known_names())
                                                     : choice_.header == Header::yes;
    columns_ = choose_columns(path_, choice_, has_header_ ? &first_.front() : nullptr,
                              first_.front().cells.size());
    for (const std::size_t c : columns_.targets) {
      targets_.push_back({columns_.names[c], c + 1, {}, {}});
    }
    for (std::size_t i = has_header_ ? 1 : 0; i < first_.size(); ++i) add(first_[i]);
  }

  KnownNames known_names() const {
    KnownNames known{.typed = choice_.targets, .model = {}};
    known.typed.insert(known.typed.end(), choice_.dropped.begin(), choice_.dropped.end());
    if (!choice_.weights.empty()) known.typed.push_back(choice_.weights);
    if (choice_.model != nullptr) known.model = choice_.model->names;
    return known;
  }

  std::string found(const CsvFormat& format) const {
    const std::size_t n_columns = columns_.names.size();
    std::string text = fmt::format("{}: {} of {}", path_, counted(n_samples_, "row"),
                                   counted(n_columns, "column"));
    if (n_columns > 1) text += fmt::format(" separated by {}", separator_name(format.separator));
    text += has_header_ ? ", with a header" : ", no header";
    if (format.n_comments > 0) {
      text += fmt::format(", below {} of comment", counted(format.n_comments, "line"));
    }
    if (choice_.model == nullptr) return text;
    const bool by_name = has_header_ && !choice_.model->names.empty();
    return text + (by_name ? "; features by their names" : "; features by their order");
  }

  void add(const CsvRecord& record) {
    if (record.cells.size() != columns_.names.size()) {
      const bool is_comment = record.cells[0].starts_with('#');
      throw DataError(path_, record.line, 0,
                      fmt::format("the line has {}, the first line has {}{}",
                                  counted(record.cells.size(), "cell"), columns_.names.size(),
                                  is_comment ? "; comments (#) may stand at the top alone" : ""));
    }
    for (const std::size_t c : columns_.features) x_.push_back(feature(record, c));
    if (columns_.weights) weights_.push_back(weight(record, *columns_.weights));
    for (std::size_t t = 0; t < targets_.size(); ++t) {
      targets_[t].cells.push_back(record.cells[columns_.targets[t]]);
      targets_[t].lines.push_back(record.line);
    }
    ++n_samples_;
  }

  double feature(const CsvRecord& record, std::size_t column) const {
    const std::string& cell = record.cells[column];
    if (const auto value = read_feature(cell)) return *value;
    const bool can_be_dropped = choice_.model == nullptr && !cell.empty();
    fail(record, column,
         can_be_dropped ? fmt::format("; --drop '{}' leaves the column out", columns_.names[column])
                        : "");
  }

  double weight(const CsvRecord& record, std::size_t column) const {
    if (const auto value = read_number(record.cells[column])) return *value;
    fail(record, column, "; the column has the weights of the samples");
  }

  [[noreturn]] void fail(const CsvRecord& record, std::size_t column,
                         const std::string& advice) const {
    std::string problem = number_problem(record.cells[column], columns_.names[column]) + advice;
    if (!has_header_ && n_samples_ == 0 && choice_.header == Header::detected) {
      problem += "; if this line has the names, say --header yes";
    }
    throw DataError(path_, record.line, column + 1, problem);
  }

  const std::string& path_;
  const ColumnChoice& choice_;
  std::vector<CsvRecord> first_;  // until it is clear whether there is a header
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
  if (!choice.target_file.empty()) {
    ColumnChoice features = choice;
    features.target_file.clear();
    features.needs_target = false;
    CsvData data = read_csv_data(path, features);
    data.targets = read_array_targets(choice.target_file, data.x.rows());
    return data;
  }
  if (is_array_file(path)) return read_array_data(path, choice);
  SamplesReader reader(path, choice);
  const CsvFormat format =
      read_csv(path, [&](CsvRecord record) { reader.take(std::move(record)); });
  return reader.finish(format);
}

Samples read_csv_samples(const std::string& path, const ColumnChoice& choice, TaskChoice task) {
  CsvData data = read_csv_data(path, choice);
  CsvTarget target =
      read_target(choice.target_file.empty() ? path : choice.target_file, data.targets, task);
  Samples samples{.name = std::filesystem::path(path).filename().string(),
                  .x = std::move(data.x),
                  .feature_names = std::move(data.feature_names),
                  .y = std::move(target.y),
                  .weights = std::move(data.weights),
                  .task = target.task};
  const char* is_default = data.target_is_default ? " (the last column)" : "";
  std::vector<std::string> names;
  for (const TargetColumn& column : data.targets) names.push_back(fmt::format("'{}'", column.name));
  samples.found = fmt::format("{}; target {}{}: {}", data.found, fmt::join(names, ", "), is_default,
                              target_text(samples));
  if (samples.y.has_labels() && samples.task == Task::classification) {
    samples.found += fmt::format(" ({})", some_labels(samples.y.classes()));
  }
  return samples;
}

}  // namespace skarma::cli
