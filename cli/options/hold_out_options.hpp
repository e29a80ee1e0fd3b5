#pragma once

#include <cstdint>
#include <string>

#include <skarma/cli/input/samples.hpp>
#include <skarma/model_selection/splitters.hpp>

namespace CLI {
class App;
}

namespace skarma::cli {

/// The flags that hold out a part of the samples: --test-size and --split-seed.
class HoldOutOptions {
 public:
  void add_to(CLI::App& command, const char* group);

  /// All rows are for training without --test-size. Throws std::invalid_argument for a part that
  /// cannot be taken.
  TrainTest split(const Samples& samples) const;

 private:
  std::string test_size_;
  std::int64_t seed_ = 0;
};

}  // namespace skarma::cli
