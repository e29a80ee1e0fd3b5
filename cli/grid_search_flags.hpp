#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <skarma/cli/data_options.hpp>
#include <skarma/cli/estimator_options.hpp>
#include <skarma/cli/grid_options.hpp>

namespace skarma::cli {

/// Everything that the command line of grid-search says, as typed.
struct GridSearchFlags {
  DataOptions data;
  EstimatorOptions estimator;
  GridOptions grid;
  std::string cv = "5";
  std::vector<std::string> scoring;
  std::string refit;
  std::string test_size;
  std::int64_t split_seed = 0;
  int n_jobs = -1;
  std::string dtype = "float64";
  std::string output;
  bool quiet = false;

  void add_to(CLI::App& command);
};

}  // namespace skarma::cli
