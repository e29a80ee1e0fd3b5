#include <skarma/model_selection/splitter.hpp>

#include <algorithm>
#include <functional>
#include <iterator>
#include <stdexcept>

#include <fmt/format.h>

#include <skarma/core/base/internal/check.hpp>

namespace skarma {
namespace {

void check_groups(const Groups& groups, std::size_t n_samples) {
  if (groups.empty() || groups.n_samples() == n_samples) return;
  throw std::invalid_argument(
      fmt::format("There are {} groups for {} samples: groups has one entry for each sample.",
                  groups.n_samples(), n_samples));
}

}  // namespace

Groups::Groups(const Target& labels)
    : codes_(labels.codes()), n_groups_(n_classes(labels.classes())) {}

std::vector<RowIndex> Splits::others(const std::vector<RowIndex>& test) const {
  std::vector<RowIndex> rows;
  rows.reserve(n_samples_ - test.size());
  auto next = test.begin();
  for (std::size_t i = 0; i < n_samples_; ++i) {
    if (next != test.end() && *next == i) {
      ++next;
    } else {
      rows.push_back(static_cast<RowIndex>(i));
    }
  }
  return rows;
}

void Splits::add(TrainTest split) {
  const auto& [train, test] = split;
  const bool may_be = train.size() + test.size() == n_samples_ &&
                      std::is_sorted(test.begin(), test.end()) &&
                      std::is_sorted(train.begin(), train.end());
  if (may_be && others(test) == train) {
    add_test(std::move(split.test));
  } else {
    splits_.push_back({std::move(split), false});
  }
}

void Splits::add_test(std::vector<RowIndex> test) {
  SKARMA_CHECK(test.empty() || test.back() < n_samples_);
  SKARMA_CHECK(std::ranges::adjacent_find(test, std::ranges::greater_equal()) == test.end());
  splits_.push_back({{{}, std::move(test)}, true});
}

void Splits::append(Splits others) {
  SKARMA_CHECK(others.n_samples_ == n_samples_);
  splits_.insert(splits_.end(), std::make_move_iterator(others.splits_.begin()),
                 std::make_move_iterator(others.splits_.end()));
}

TrainTest Splits::operator[](std::size_t i) const {
  const auto& [rows, others_train] = splits_[i];
  return others_train ? TrainTest{others(rows.test), rows.test} : rows;
}

std::vector<TrainTest> Splits::all() const {
  std::vector<TrainTest> splits;
  for (std::size_t i = 0; i < size(); ++i) splits.push_back((*this)[i]);
  return splits;
}

std::vector<TrainTest> Splitter::split(std::size_t n_samples, const Target& y,
                                       const Groups& groups) const {
  return splits(n_samples, y, groups).all();
}

Splits Splitter::splits(std::size_t n_samples, const Target& y, const Groups& groups) const {
  check_groups(groups, n_samples);
  return cut(n_samples, y, groups);
}

}  // namespace skarma
