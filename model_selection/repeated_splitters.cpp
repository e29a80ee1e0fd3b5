#include <skarma/model_selection/repeated_splitters.hpp>

#include <stdexcept>

#include <skarma/model_selection/internal/folds.hpp>

namespace skarma {
namespace {

RepeatOptions checked_repeats(int n_splits, RepeatOptions options) {
  checked_folds(n_splits, {.shuffle = true});
  if (options.n_repeats < 1) {
    throw std::invalid_argument("Number of repetitions must be greater than 0.");
  }
  return options;
}

std::size_t n_repeated_splits(int n_splits, const RepeatOptions& options) {
  return static_cast<std::size_t>(n_splits) * static_cast<std::size_t>(options.n_repeats);
}

template <class KFolds>
Splits repeated_splits(int n_splits, const RepeatOptions& options, std::size_t n_samples,
                       const Target& y) {
  const KFolds folds(n_splits, {.shuffle = true, .random_state = options.random_state.generator()});
  Splits splits(n_samples);
  for (int i = 0; i < options.n_repeats; ++i) splits.append(folds.splits(n_samples, y));
  return splits;
}

}  // namespace

RepeatedKFold::RepeatedKFold(int n_splits, RepeatOptions options)
    : n_splits_(n_splits), options_(checked_repeats(n_splits, std::move(options))) {}

std::size_t RepeatedKFold::n_splits(std::size_t) const {
  return n_repeated_splits(n_splits_, options_);
}

Splits RepeatedKFold::cut(std::size_t n_samples, const Target& y, const Groups&) const {
  return repeated_splits<KFold>(n_splits_, options_, n_samples, y);
}

RepeatedStratifiedKFold::RepeatedStratifiedKFold(int n_splits, RepeatOptions options)
    : n_splits_(n_splits), options_(checked_repeats(n_splits, std::move(options))) {}

std::size_t RepeatedStratifiedKFold::n_splits(std::size_t) const {
  return n_repeated_splits(n_splits_, options_);
}

Splits RepeatedStratifiedKFold::cut(std::size_t n_samples, const Target& y, const Groups&) const {
  return repeated_splits<StratifiedKFold>(n_splits_, options_, n_samples, y);
}

}  // namespace skarma
