#include <skarma/model_selection/splitters.hpp>

#include <algorithm>
#include <numeric>
#include <stdexcept>

#include <fmt/format.h>

#include <skarma/model_selection/internal/folds.hpp>

namespace skarma {
namespace {

std::size_t checked_repetitions(int n_splits) {
  if (n_splits < 1) {
    throw std::invalid_argument(fmt::format("n_splits must be at least 1, got {}.", n_splits));
  }
  return static_cast<std::size_t>(n_splits);
}

/// Classes numbered in the order of their first appearance, as StratifiedKFold does.
std::vector<std::size_t> codes_by_appearance(const Target& y) {
  constexpr auto unseen = static_cast<std::size_t>(-1);
  std::vector<std::size_t> number(n_classes(y.classes()), unseen);
  std::size_t n_seen = 0;
  std::vector<std::size_t> codes;
  for (const std::int32_t code : y.codes()) {
    auto& known = number[static_cast<std::size_t>(code)];
    if (known == unseen) known = n_seen++;
    codes.push_back(known);
  }
  return codes;
}

void check_stratifiable(const Target& y) {
  if (y.has_labels()) return;
  throw std::invalid_argument(
      "Supported target types are: ('binary', 'multiclass'). A stratified split needs one label a "
      "sample.");
}

}  // namespace

KFold::KFold(int n_splits, FoldOptions options)
    : n_splits_(checked_folds(n_splits, options)), options_(std::move(options)) {}

Splits KFold::cut(std::size_t n_samples, const Target&, const Groups&) const {
  if (n_splits_ > n_samples) {
    throw std::invalid_argument(
        fmt::format("Cannot have number of splits n_splits={} greater than the number of samples: "
                    "n_samples={}.",
                    n_splits_, n_samples));
  }
  std::vector<RowIndex> order(n_samples);
  std::iota(order.begin(), order.end(), RowIndex{0});
  if (options_.shuffle) options_.random_state.generator()->shuffle(std::span(order));
  std::vector<std::size_t> fold_of(n_samples);
  std::size_t next = 0;
  for (std::size_t f = 0; f < n_splits_; ++f) {
    const std::size_t size = n_samples / n_splits_ + (f < n_samples % n_splits_ ? 1 : 0);
    for (std::size_t i = 0; i < size; ++i) fold_of[order[next++]] = f;
  }
  return splits_of_folds(fold_of, n_splits_);
}

StratifiedKFold::StratifiedKFold(int n_splits, FoldOptions options)
    : n_splits_(checked_folds(n_splits, options)), options_(std::move(options)) {}

Splits StratifiedKFold::cut(std::size_t n_samples, const Target& y, const Groups&) const {
  check_stratifiable(y);
  const auto codes = codes_by_appearance(y);
  const std::size_t n_codes = codes.empty() ? 0 : *std::max_element(codes.begin(), codes.end()) + 1;
  std::vector<std::size_t> counts(n_codes);
  for (const std::size_t code : codes) ++counts[code];
  if (std::all_of(counts.begin(), counts.end(), [&](std::size_t c) { return c < n_splits_; })) {
    throw std::invalid_argument(fmt::format(
        "n_splits={} cannot be greater than the number of members in each class.", n_splits_));
  }

  // Folds take turns along the sorted codes; the members of class c, which begin at first[c], are
  // dealt those folds in rising order, or shuffled.
  std::vector<std::size_t> first(n_codes);
  std::exclusive_scan(counts.begin(), counts.end(), first.begin(), std::size_t{0});
  std::vector<std::size_t> dealt(n_samples);
  for (std::size_t i = 0; i < n_samples; ++i) dealt[i] = i % n_splits_;
  const auto random_state = options_.shuffle ? options_.random_state.generator() : nullptr;
  for (std::size_t c = 0; c < n_codes; ++c) {
    const std::span folds = std::span(dealt).subspan(first[c], counts[c]);
    std::sort(folds.begin(), folds.end());
    if (random_state) random_state->shuffle(folds);
  }
  std::vector<std::size_t> fold_of(n_samples);
  for (std::size_t i = 0; i < n_samples; ++i) fold_of[i] = dealt[first[codes[i]]++];
  return splits_of_folds(fold_of, n_splits_);
}

ShuffleSplit::ShuffleSplit(int n_splits, ShuffleOptions options)
    : n_splits_(checked_repetitions(n_splits)), options_(std::move(options)) {}

Splits ShuffleSplit::cut(std::size_t n_samples, const Target&, const Groups&) const {
  const PartSizes sizes = part_sizes(n_samples, options_.test_size, options_.train_size);
  const auto random_state = options_.random_state.generator();
  Splits splits(n_samples);
  for (std::size_t i = 0; i < n_splits_; ++i) {
    splits.add(shuffle_split(n_samples, sizes, *random_state));
  }
  return splits;
}

StratifiedShuffleSplit::StratifiedShuffleSplit(int n_splits, ShuffleOptions options)
    : n_splits_(checked_repetitions(n_splits)), options_(std::move(options)) {}

Splits StratifiedShuffleSplit::cut(std::size_t n_samples, const Target& y, const Groups&) const {
  check_stratifiable(y);
  const PartSizes sizes = part_sizes(n_samples, options_.test_size, options_.train_size);
  const auto random_state = options_.random_state.generator();
  Splits splits(n_samples);
  for (std::size_t i = 0; i < n_splits_; ++i) {
    splits.add(stratified_shuffle_split(y.codes(), y.classes(), sizes, *random_state));
  }
  return splits;
}

FoldList::FoldList(std::vector<TrainTest> folds) : folds_(std::move(folds)) {
  if (folds_.empty()) throw std::invalid_argument("A list of folds needs at least one fold.");
  for (std::size_t i = 0; i < folds_.size(); ++i) {
    if (!folds_[i].train.empty() && !folds_[i].test.empty()) continue;
    throw std::invalid_argument(fmt::format("Fold {} of the list has no {} rows.", i,
                                            folds_[i].train.empty() ? "training" : "test"));
  }
}

Splits FoldList::cut(std::size_t n_samples, const Target&, const Groups&) const {
  Splits splits(n_samples);
  for (const TrainTest& fold : folds_) {
    for (const auto* part : {&fold.train, &fold.test}) {
      const RowIndex largest = *std::max_element(part->begin(), part->end());
      if (largest < n_samples) continue;
      throw std::invalid_argument(
          fmt::format("A fold names row {}, but there are only {} samples (rows count from 0).",
                      largest, n_samples));
    }
    splits.add(fold);
  }
  return splits;
}

CrossValidation::CrossValidation(int n_folds) : n_folds_(n_folds) {
  if (n_folds < 2) {
    throw std::invalid_argument(
        fmt::format("The 'cv' parameter must be an int in the range [2, inf), a splitter or a list "
                    "of folds. Got {} instead.",
                    n_folds));
  }
}

CrossValidation::CrossValidation(std::vector<TrainTest> folds)
    : splitter_(std::make_shared<FoldList>(std::move(folds))) {}

std::shared_ptr<const Splitter> CrossValidation::splitter(bool for_classifier,
                                                          const Target& y) const {
  if (splitter_) return splitter_;
  if (for_classifier && y.has_labels()) return std::make_shared<StratifiedKFold>(n_folds_);
  return std::make_shared<KFold>(n_folds_);
}

TrainTest train_test_split(const Target& y, const SplitOptions& options) {
  const ShuffleOptions shuffle{options.test_size, options.train_size, options.random_state};
  if (options.stratify) return StratifiedShuffleSplit(1, shuffle).split(y.n_samples(), y).front();
  return ShuffleSplit(1, shuffle).split(y.n_samples(), y).front();
}

}  // namespace skarma
