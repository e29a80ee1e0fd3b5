#include <skarma/model_selection/group_k_fold.hpp>

#include <algorithm>
#include <numeric>
#include <stdexcept>

#include <fmt/format.h>

#include <skarma/model_selection/internal/folds.hpp>

namespace skarma {

GroupKFold::GroupKFold(int n_splits, FoldOptions options)
    : n_splits_(checked_folds(n_splits, options)), options_(std::move(options)) {}

Splits GroupKFold::cut(std::size_t n_samples, const Target&, const Groups& groups) const {
  if (groups.empty()) {
    throw std::invalid_argument("GroupKFold needs groups: one whole number or string a sample.");
  }
  if (n_splits_ > groups.n_groups()) {
    throw std::invalid_argument(fmt::format(
        "Cannot have number of splits n_splits={} greater than the number of groups: {}.",
        n_splits_, groups.n_groups()));
  }
  const auto fold_of_group =
      options_.shuffle ? shuffled_folds(groups.n_groups()) : balanced_folds(groups);
  std::vector<std::size_t> fold_of(n_samples);
  for (std::size_t i = 0; i < n_samples; ++i) {
    fold_of[i] = fold_of_group[static_cast<std::size_t>(groups.codes()[i])];
  }
  return splits_of_folds(fold_of, n_splits_);
}

/// Blocks of the shuffled groups, the first n mod k one longer.
std::vector<std::size_t> GroupKFold::shuffled_folds(std::size_t n_groups) const {
  const auto order = options_.random_state.generator()->permutation(n_groups);
  std::vector<std::size_t> fold_of_group(n_groups);
  std::size_t next = 0;
  for (std::size_t f = 0; f < n_splits_; ++f) {
    const std::size_t size = n_groups / n_splits_ + (f < n_groups % n_splits_ ? 1 : 0);
    for (std::size_t i = 0; i < size; ++i) fold_of_group[order[next++]] = f;
  }
  return fold_of_group;
}

std::vector<std::size_t> GroupKFold::balanced_folds(const Groups& groups) const {
  std::vector<std::size_t> n_members(groups.n_groups());
  for (const std::int32_t code : groups.codes()) ++n_members[static_cast<std::size_t>(code)];
  std::vector<std::size_t> order(groups.n_groups());
  std::iota(order.begin(), order.end(), std::size_t{0});
  // The largest first; of equal ones the last of the sorted groups, as in scikit-learn.
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return n_members[a] < n_members[b]; });
  std::reverse(order.begin(), order.end());
  std::vector<std::size_t> fold_of_group(groups.n_groups());
  std::vector<std::size_t> n_samples_of(n_splits_);
  for (const std::size_t group : order) {
    const auto lightest = std::min_element(n_samples_of.begin(), n_samples_of.end());
    *lightest += n_members[group];
    fold_of_group[group] = static_cast<std::size_t>(lightest - n_samples_of.begin());
  }
  return fold_of_group;
}

}  // namespace skarma
