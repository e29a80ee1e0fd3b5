#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <skarma/estimators/params/random_seed.hpp>
#include <skarma/model_selection/splitter.hpp>

namespace skarma {

/// Whether and how samples are shuffled before they are cut.
struct FoldOptions {
  bool shuffle = false;
  RandomSeed random_state{};
};

/// Consecutive blocks of the (shuffled) samples, the first n mod k one longer; parts are sorted.
class KFold final : public Splitter {
 public:
  /// Throws std::invalid_argument for fewer than 2 folds and for a seed without shuffle.
  explicit KFold(int n_splits = 5, FoldOptions options = {});
  std::size_t n_splits(std::size_t) const override { return n_splits_; }

 private:
  Splits cut(std::size_t n_samples, const Target& y, const Groups& groups) const override;

  std::size_t n_splits_;
  FoldOptions options_;
};

/// Folds that keep the shares of the classes, which are dealt in the order of the data.
class StratifiedKFold final : public Splitter {
 public:
  /// Throws std::invalid_argument for fewer than 2 folds and for a seed without shuffle.
  explicit StratifiedKFold(int n_splits = 5, FoldOptions options = {});
  std::size_t n_splits(std::size_t) const override { return n_splits_; }

 private:
  Splits cut(std::size_t n_samples, const Target& y, const Groups& groups) const override;

  std::size_t n_splits_;
  FoldOptions options_;
};

/// How large the parts of random splits are, and what they are drawn from.
struct ShuffleOptions {
  PartSize test_size = 0.1;
  std::optional<PartSize> train_size{};  // nullopt: the rest
  RandomSeed random_state{};
};

/// Independent random splits; parts keep the order of the permutation.
class ShuffleSplit final : public Splitter {
 public:
  explicit ShuffleSplit(int n_splits = 10, ShuffleOptions options = {});
  std::size_t n_splits(std::size_t) const override { return n_splits_; }

 private:
  Splits cut(std::size_t n_samples, const Target& y, const Groups& groups) const override;

  std::size_t n_splits_;
  ShuffleOptions options_;
};

/// Independent random splits that keep the shares of the classes.
class StratifiedShuffleSplit final : public Splitter {
 public:
  explicit StratifiedShuffleSplit(int n_splits = 10, ShuffleOptions options = {});
  std::size_t n_splits(std::size_t) const override { return n_splits_; }

 private:
  Splits cut(std::size_t n_samples, const Target& y, const Groups& groups) const override;

  std::size_t n_splits_;
  ShuffleOptions options_;
};

/// Splits given as they are.
class FoldList final : public Splitter {
 public:
  /// Throws std::invalid_argument if there is no fold or a part of one is empty.
  explicit FoldList(std::vector<TrainTest> folds);
  std::size_t n_splits(std::size_t) const override { return folds_.size(); }

 private:
  Splits cut(std::size_t n_samples, const Target& y, const Groups& groups) const override;

  std::vector<TrainTest> folds_;
};

/// scikit-learn's `cv`: a number of folds (stratified for a classifier with one label a sample,
/// never shuffled), a splitter, or a list of splits.
class CrossValidation {
 public:
  CrossValidation(int n_folds = 5);
  template <class S>
  requires std::is_base_of_v<Splitter, S> CrossValidation(S splitter)
      : splitter_(std::make_shared<S>(std::move(splitter))) {}
  CrossValidation(std::vector<TrainTest> folds);

  std::shared_ptr<const Splitter> splitter(bool for_classifier, const Target& y) const;

 private:
  int n_folds_ = 0;
  std::shared_ptr<const Splitter> splitter_;
};

/// How large the two parts are, and what they are drawn from; `stratify` keeps the classes' shares.
struct SplitOptions {
  PartSize test_size = 0.25;
  std::optional<PartSize> train_size{};
  RandomSeed random_state{};
  bool stratify = false;
};

/// One random split into a training and a test part: scikit-learn's train_test_split (which takes
/// `stratify=y` where this takes true).
TrainTest train_test_split(const Target& y, const SplitOptions& options = {});

}  // namespace skarma
