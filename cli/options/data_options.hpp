#pragma once

#include <string>

#include <skarma/cli/input/csv_samples.hpp>
#include <skarma/cli/output/console.hpp>

namespace CLI {
class App;
}

namespace skarma::cli {

class FittedModel;

/// What data are for: it decides which of the flags there are.
enum class DataUse { learn, score, predict };

/// The flags that say which data: a CSV file or a data set inside the program.
class DataOptions {
 public:
  explicit DataOptions(DataUse use = DataUse::learn) : use_(use) {}

  void add_to(CLI::App& command);

  /// The file as typed; empty without one.
  const std::string& file() const { return file_; }
  const std::string& target_file() const { return columns_.target_file; }

  // All throw UsageError for names that do not exist, DataError for a file that cannot be read.

  /// Samples to learn from. A signal ends the program meanwhile: there is nothing to lose yet.
  Samples load() const;
  /// Samples to score a model on.
  Samples load_for(const FittedModel& model) const;
  /// Features alone, to predict from.
  CsvData load_features_for(const FittedModel& model) const;

 private:
  ColumnChoice columns() const;
  Samples load_embedded(TaskChoice task) const;

  DataUse use_;
  std::string file_;
  std::string dataset_;
  ColumnChoice columns_;
  std::string header_ = "auto";
  std::string task_ = "auto";
  std::string dtype_ = "float64";
};

/// Says what was found in a file, unless `quiet`; gives the data back.
template <class Data>
Data said(Data data, bool quiet, const Console& console) {
  if (!data.found.empty() && !quiet) console.note(data.found);
  return data;
}

}  // namespace skarma::cli
