#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include <skarma/core/base/random_state.hpp>
#include <skarma/estimators/target.hpp>

namespace skarma {

/// Row numbers of a training part and a test part. Their order matters.
struct TrainTest {
  std::vector<RowIndex> train;
  std::vector<RowIndex> test;
  bool operator==(const TrainTest&) const = default;
};

/// How many samples a part takes: a fraction of all or a count.
using PartSize = std::variant<double, std::size_t>;

struct PartSizes {
  std::size_t train;
  std::size_t test;
};

/// scikit-learn's rule: a fraction for the test part is rounded up, one for the training part down;
/// without a training size it gets the rest. Throws std::invalid_argument for sizes that leave
/// nothing for a part or exceed n_samples.
PartSizes part_sizes(std::size_t n_samples, PartSize test,
                     std::optional<PartSize> train = std::nullopt);

/// One repetition of scikit-learn's ShuffleSplit: the front of a permutation is the test part.
TrainTest shuffle_split(std::size_t n_samples, PartSizes sizes, RandomState& random_state);

/// One repetition of scikit-learn's StratifiedShuffleSplit: both parts keep the shares of the
/// classes. `codes` count the sorted classes from 0. Throws std::invalid_argument for a class with
/// one member and for parts smaller than the number of classes.
TrainTest stratified_shuffle_split(std::span<const std::int32_t> codes, const Classes& classes,
                                   PartSizes sizes, RandomState& random_state);

/// How many of `n_draws` each class gets: its exact share rounded down, then one more for the
/// largest remainders, ties drawn at random (the mode of a multivariate hypergeometric).
std::vector<std::size_t> approximate_mode(std::span<const std::size_t> class_counts,
                                          std::size_t n_draws, RandomState& random_state);

}  // namespace skarma
