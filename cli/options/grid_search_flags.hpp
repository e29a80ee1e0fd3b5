#pragma once

#include <string>
#include <vector>

#include <skarma/cli/options/data_options.hpp>
#include <skarma/cli/options/estimator_options.hpp>
#include <skarma/cli/options/grid_options.hpp>
#include <skarma/cli/options/hold_out_options.hpp>

namespace skarma::cli {

/// Everything that the command line of grid-search says, as typed.
struct GridSearchFlags {
  DataOptions data;
  EstimatorOptions estimator;
  GridOptions grid;
  std::string cv = "5";
  std::vector<std::string> scoring;
  std::string refit;
  HoldOutOptions hold_out;
  int n_jobs = -1;
  std::string output;
  std::string report;
  std::string save_model;
  std::string journal;
  std::string shard;  // "3/10"
  bool quiet = false;

  void add_to(CLI::App& command);
};

}  // namespace skarma::cli
