#pragma once

#include <skarma/model_selection/splitters.hpp>

namespace skarma {

/// How often folds are drawn anew, and from what.
struct RepeatOptions {
  int n_repeats = 10;
  RandomSeed random_state{};
};

/// KFold with shuffle, n_repeats times, all drawn from one generator.
class RepeatedKFold final : public Splitter {
 public:
  /// Throws std::invalid_argument for fewer than 2 folds and for no repetition.
  explicit RepeatedKFold(int n_splits = 5, RepeatOptions options = {});
  std::size_t n_splits(std::size_t) const override;

 private:
  Splits cut(std::size_t n_samples, const Target& y, const Groups& groups) const override;

  int n_splits_;
  RepeatOptions options_;
};

/// StratifiedKFold with shuffle, n_repeats times, all drawn from one generator.
class RepeatedStratifiedKFold final : public Splitter {
 public:
  /// Throws std::invalid_argument for fewer than 2 folds and for no repetition.
  explicit RepeatedStratifiedKFold(int n_splits = 5, RepeatOptions options = {});
  std::size_t n_splits(std::size_t) const override;
  int n_folds() const { return n_splits_; }  // of each repetition

 private:
  Splits cut(std::size_t n_samples, const Target& y, const Groups& groups) const override;

  int n_splits_;
  RepeatOptions options_;
};

}  // namespace skarma
