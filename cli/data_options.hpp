#pragma once

#include <string>

#include <skarma/cli/samples.hpp>

namespace CLI {
class App;
}

namespace skarma::cli {

/// The flags that say what to learn from.
class DataOptions {
 public:
  void add_to(CLI::App& command);

  /// Throws UsageError for names that do not exist, DataError for a file that cannot be read.
  Samples load() const;

 private:
  std::string dataset_;
};

}  // namespace skarma::cli
