#pragma once

#include <string>
#include <vector>

#include <skarma/estimators/estimator.hpp>
#include <skarma/model_selection/parameter_grid.hpp>

namespace CLI {
class App;
}

namespace skarma::cli {

/// The flags that say what to try: --grid and --grid-file.
class GridOptions {
 public:
  void add_to(CLI::App& command);

  /// The grid file as typed; empty without one.
  const std::string& file() const { return file_; }

  /// All candidates for this estimator, each of them checked. Throws std::invalid_argument for
  /// text that cannot be read, an unknown parameter, and a value outside of its domain;
  /// DataError for a grid file that cannot be read.
  ParameterGrid make(const Estimator& estimator) const;

 private:
  std::vector<ParamGrid> read() const;

  std::vector<std::string> expressions_;
  std::string file_;
};

}  // namespace skarma::cli
