#include <skarma/model_selection/internal/folds.hpp>

#include <stdexcept>

#include <fmt/format.h>

namespace skarma {

std::size_t checked_folds(int n_splits, const FoldOptions& options) {
  if (n_splits < 2) {
    throw std::invalid_argument(
        fmt::format("k-fold cross-validation requires at least one train/test split by setting "
                    "n_splits=2 or more, got n_splits={}.",
                    n_splits));
  }
  if (!options.shuffle && options.random_state.is_set()) {
    throw std::invalid_argument(
        "Setting a random_state has no effect since shuffle is False. You should leave "
        "random_state to its default (None), or set shuffle=True.");
  }
  return static_cast<std::size_t>(n_splits);
}

Splits splits_of_folds(const std::vector<std::size_t>& fold_of, std::size_t n_splits) {
  std::vector<std::vector<RowIndex>> tests(n_splits);
  for (std::size_t i = 0; i < fold_of.size(); ++i) {
    tests[fold_of[i]].push_back(static_cast<RowIndex>(i));
  }
  Splits splits(fold_of.size());
  for (auto& test : tests) splits.add_test(std::move(test));
  return splits;
}

}  // namespace skarma
