#include <skarma/cli/options/grid_search_flags.hpp>

#include <CLI/CLI.hpp>

#include <skarma/cli/options/choice.hpp>

namespace skarma::cli {

void GridSearchFlags::add_to(CLI::App& command) {
  constexpr const char* kGroup = "Search";
  data.add_to(command);
  grid.add_to(command);
  command
      .add_option(
          "--cv", cv,
          "Folds (stratified for a classifier), or a splitter: kfold(5, shuffle=True, "
          "seed=0), stratified(5), repeated_kfold(5, n_repeats=10), repeated_stratified(5), "
          "leave_one_out, shuffle(10, test_size=0.2), stratified_shuffle(10). [5]")
      ->type_name("N|SPLITTER")
      ->group(kGroup);
  command
      .add_option("--scoring", scoring,
                  "What is best; may be repeated. [accuracy, or r2 for a regression] One of " +
                      scoring_names() + ".")
      ->type_name("NAME")
      ->allow_extra_args(false)
      ->group(kGroup);
  command.add_option("--refit", refit, "Of several scorings, the one that decides. [the first]")
      ->type_name("NAME")
      ->group(kGroup);
  hold_out.add_to(command, kGroup);
  command
      .add_option("--jobs", n_jobs, "Threads; -1 = all cores. Results do not depend on it. [-1]")
      ->type_name("N")
      ->group(kGroup);
  command
      .add_option(
          "--journal", journal,
          "Keep each fit in this file as soon as it is done: the same command goes on after "
          "an interruption. Needs --seed.")
      ->type_name("FILE")
      ->group(kGroup);
  command
      .add_option("--shard", shard,
                  "Do the share 3 of 10 of the fits, into --journal; see skarma journal merge.")
      ->type_name("3/10")
      ->group(kGroup);
  command
      .add_option("--output", output,
                  "Write all results (every fold, times) to this file, .csv or .json.")
      ->type_name("FILE")
      ->group("Output");
  command
      .add_option("--report", report,
                  "Write a report with pictures to this file: .html, a page that needs no network, "
                  "or .md, Markdown.")
      ->type_name("FILE")
      ->group("Output");
  command
      .add_option("--save-model", save_model,
                  "Fit the best candidate on all samples and write it to this file (for skarma "
                  "predict and score).")
      ->type_name("FILE")
      ->group("Output");
  command.add_flag("-q,--quiet", quiet, "No progress and no table, only the last lines.")
      ->group("Output");
  estimator.add_to(command);
}

}  // namespace skarma::cli
