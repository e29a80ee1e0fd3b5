#pragma once

#include <string>

#include <skarma/cli/csv_samples.hpp>

namespace CLI {
class App;
}

namespace skarma::cli {

/// The flags that say what to learn from: a CSV file or a data set inside the program.
class DataOptions {
 public:
  void add_to(CLI::App& command);

  /// Throws UsageError for names that do not exist, DataError for a file that cannot be read.
  Samples load() const;

 private:
  Samples load_file(TaskChoice task, Header header) const;
  Samples load_embedded(TaskChoice task) const;

  std::string file_;
  std::string dataset_;
  ColumnChoice columns_;
  std::string header_ = "auto";
  std::string task_ = "auto";
};

}  // namespace skarma::cli
