#pragma once

#include <skarma/model_selection/splitters.hpp>

namespace skarma {

/// Folds that keep every group whole: scikit-learn's GroupKFold. Without shuffle the largest group
/// goes to the fold with the fewest samples, and so on; with shuffle the groups themselves are
/// shuffled and cut into blocks.
class GroupKFold final : public Splitter {
 public:
  /// Throws std::invalid_argument for fewer than 2 folds and for a seed without shuffle; split()
  /// throws it without groups and for fewer groups than folds.
  explicit GroupKFold(int n_splits = 5, FoldOptions options = {});
  std::size_t n_splits(std::size_t) const override { return n_splits_; }

 private:
  Splits cut(std::size_t n_samples, const Target& y, const Groups& groups) const override;
  std::vector<std::size_t> shuffled_folds(std::size_t n_groups) const;
  std::vector<std::size_t> balanced_folds(const Groups& groups) const;

  std::size_t n_splits_;
  FoldOptions options_;
};

}  // namespace skarma
