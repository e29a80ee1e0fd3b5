#pragma once

#include <memory>
#include <span>
#include <vector>

#include <skarma/core/base/random_state.hpp>
#include <skarma/core/train/training_run.hpp>

namespace skarma {

/// The order in which a run visits its samples. Runs of a group with as many samples and generators
/// in the same state have one order, which is drawn once an epoch for all of them.
class EpochOrder {
 public:
  /// Draws from the run's own generator.
  explicit EpochOrder(TrainingRun& run);

  /// From now on it draws from a copy, for several runs.
  void share();
  /// A run that comes to its end gets the generator that it would have drawn from alone.
  void leave(TrainingRun& run) const;

  std::span<const RowIndex> positions() const { return positions_; }
  /// For the next epoch; permutations accumulate.
  void shuffle();

 private:
  RandomState* generator_;
  std::unique_ptr<RandomState> copy_;
  bool shuffles_;
  std::vector<RowIndex> positions_;
};

/// One for each run. Generators that several runs draw from in turn, and those that live elsewhere,
/// are left alone.
std::vector<std::shared_ptr<EpochOrder>> epoch_orders(std::span<TrainingRun* const> runs);

}  // namespace skarma
