#include <skarma/cli/options/hold_out_options.hpp>

#include <numeric>

#include <CLI/CLI.hpp>

#include <skarma/cli/options/choice.hpp>

namespace skarma::cli {

void HoldOutOptions::add_to(CLI::App& command, const char* group) {
  command
      .add_option("--test-size", test_size_,
                  "Hold out this part first (0.25, or 100 samples), stratified for a classifier; "
                  "at the end what was fitted on all the rest is scored on it.")
      ->type_name("X|N")
      ->group(group);
  command.add_option("--split-seed", seed_, "Seed of the part that is held out. [0]")
      ->type_name("N")
      ->group(group);
}

TrainTest HoldOutOptions::split(const Samples& samples) const {
  if (test_size_.empty()) {
    TrainTest all;
    all.train.resize(samples.x.rows());
    std::iota(all.train.begin(), all.train.end(), RowIndex{0});
    return all;
  }
  const bool one_label = samples.task == Task::classification && samples.y.n_outputs() == 1;
  return train_test_split(samples.y,
                          {.test_size = read_part_size("--test-size", parse_value(test_size_)),
                           .random_state = seed_,
                           .stratify = one_label});
}

}  // namespace skarma::cli
