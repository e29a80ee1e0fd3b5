#include <skarma/cli/grid_search_flags.hpp>

#include <CLI/CLI.hpp>

namespace skarma::cli {

void GridSearchFlags::add_to(CLI::App& command) {
  constexpr const char* kGroup = "Search";
  data.add_to(command);
  grid.add_to(command);
  command
      .add_option("--cv", cv,
                  "Folds (stratified for a classifier), or a splitter: kfold(5, shuffle=True, "
                  "seed=0), stratified(5), shuffle(10, test_size=0.2), stratified_shuffle(10). [5]")
      ->type_name("N|SPLITTER")
      ->group(kGroup);
  command
      .add_option(
          "--scoring", scoring,
          "What is best: accuracy, f1_macro, r2, ...; may be repeated. [accuracy, or r2 for "
          "a regression]")
      ->type_name("NAME")
      ->allow_extra_args(false)
      ->group(kGroup);
  command.add_option("--refit", refit, "Of several scorings, the one that decides. [the first]")
      ->type_name("NAME")
      ->group(kGroup);
  command
      .add_option("--test-size", test_size,
                  "Hold out this part first (0.25, or 100 samples), stratified for a classifier; "
                  "at the end the best, fitted on all the rest, is scored on it.")
      ->type_name("X|N")
      ->group(kGroup);
  command.add_option("--split-seed", split_seed, "Seed of the part that is held out. [0]")
      ->type_name("N")
      ->group(kGroup);
  command
      .add_option("--jobs", n_jobs, "Threads; -1 = all cores. Results do not depend on it. [-1]")
      ->type_name("N")
      ->group(kGroup);
  command.add_option("--dtype", dtype, "The type that is computed in. [float64]")
      ->type_name("float32|float64")
      ->group(kGroup);
  command
      .add_option("--output", output,
                  "Write all results (every fold, times) to this file, .csv or .json.")
      ->type_name("FILE")
      ->group("Output");
  command.add_flag("-q,--quiet", quiet, "No progress and no table, only the last lines.")
      ->group("Output");
  estimator.add_to(command);
}

}  // namespace skarma::cli
