#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <skarma/estimators/holdout.hpp>
#include <skarma/estimators/target.hpp>

namespace skarma {

/// The group of each sample, such as the patient whom it is of: a splitter that takes groups never
/// cuts one apart. Made from one whole number or string a sample; the default is no groups at all.
class Groups {
 public:
  Groups() = default;
  Groups(const std::vector<int>& labels) : Groups(Target(labels)) {}
  Groups(const std::vector<std::int64_t>& labels) : Groups(Target(labels)) {}
  Groups(const std::vector<std::string>& labels) : Groups(Target(labels)) {}

  bool empty() const { return codes_.empty(); }
  std::size_t n_samples() const { return codes_.size(); }
  std::size_t n_groups() const { return n_groups_; }
  /// The group of each sample as a position among the sorted groups.
  const std::vector<std::int32_t>& codes() const { return codes_; }

 private:
  explicit Groups(const Target& labels);

  std::vector<std::int32_t> codes_;
  std::size_t n_groups_ = 0;
};

/// The splits of some samples, of which one at a time is written out: where the training part is
/// all other samples in their order, only the test part is kept.
class Splits {
 public:
  explicit Splits(std::size_t n_samples) : n_samples_(n_samples) {}

  void add(TrainTest split);
  /// A split whose training part is all other samples; `test` is sorted and names none twice.
  void add_test(std::vector<RowIndex> test);
  /// The splits of another list of the same samples, after those that are here.
  void append(Splits others);

  std::size_t size() const { return splits_.size(); }
  TrainTest operator[](std::size_t i) const;
  /// All of them written out.
  std::vector<TrainTest> all() const;

 private:
  struct Split {
    TrainTest rows;
    bool others_train;
  };
  std::vector<RowIndex> others(const std::vector<RowIndex>& test) const;

  std::size_t n_samples_;
  std::vector<Split> splits_;
};

/// A way to cut samples into training and test parts, with scikit-learn's names and row numbers.
class Splitter {
 public:
  virtual ~Splitter() = default;
  /// One pair a split. Groups are for the splitters that take them; the others ignore them.
  /// Throws std::invalid_argument if the samples cannot be cut so, and for groups of another
  /// length.
  std::vector<TrainTest> split(std::size_t n_samples, const Target& y,
                               const Groups& groups = {}) const;
  /// The same, one at a time.
  Splits splits(std::size_t n_samples, const Target& y, const Groups& groups = {}) const;
  virtual std::size_t n_splits(std::size_t n_samples) const = 0;

 private:
  /// `groups` are none, or one a sample.
  virtual Splits cut(std::size_t n_samples, const Target& y, const Groups& groups) const = 0;
};

}  // namespace skarma
