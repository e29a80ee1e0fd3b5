#pragma once

#include <cstddef>
#include <vector>

#include <skarma/model_selection/splitters.hpp>

namespace skarma {

/// The number of folds of a k-fold splitter. Throws std::invalid_argument for fewer than 2 and for
/// a seed without shuffle.
std::size_t checked_folds(int n_splits, const FoldOptions& options);

/// Splits with sorted parts, from the fold that tests each sample.
Splits splits_of_folds(const std::vector<std::size_t>& fold_of, std::size_t n_splits);

}  // namespace skarma
