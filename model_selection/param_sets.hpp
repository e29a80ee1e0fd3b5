#pragma once

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <vector>

#include <skarma/estimators/params/param_value.hpp>
#include <skarma/model_selection/parameter_grid.hpp>

namespace skarma {

/// A list of parameter sets, such as the candidates of a search. Those of a grid are made when they
/// are read: they take no memory, and a copy costs nothing.
class ParamSets {
 public:
  class Iterator;

  ParamSets() = default;
  ParamSets(const ParameterGrid& grid);
  ParamSets(std::vector<ParamSet> sets);
  ParamSets(std::initializer_list<ParamSet> sets) : ParamSets(std::vector<ParamSet>(sets)) {}

  std::size_t size() const { return rows_ ? rows_->size() : n_all_; }
  bool empty() const { return size() == 0; }
  /// Set number i, which is less than size().
  ParamSet operator[](std::size_t i) const;
  Iterator begin() const;
  Iterator end() const;

  /// Those of these numbers, in this order.
  ParamSets chosen(const std::vector<std::size_t>& numbers) const;

 private:
  std::function<ParamSet(std::size_t)> make_;
  std::size_t n_all_ = 0;
  std::optional<std::vector<std::size_t>> rows_;  // all of them without
};

/// Goes through the sets, each of which it makes.
class ParamSets::Iterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = ParamSet;
  using difference_type = std::ptrdiff_t;
  using pointer = const ParamSet*;
  using reference = ParamSet;

  Iterator() = default;
  Iterator(const ParamSets& sets, std::size_t i) : sets_(&sets), i_(i) {}

  ParamSet operator*() const { return (*sets_)[i_]; }
  Iterator& operator++() {
    ++i_;
    return *this;
  }
  Iterator operator++(int) {
    const Iterator before = *this;
    ++i_;
    return before;
  }
  bool operator==(const Iterator& other) const { return i_ == other.i_; }
  difference_type operator-(const Iterator& other) const {
    return static_cast<difference_type>(i_) - static_cast<difference_type>(other.i_);
  }

 private:
  const ParamSets* sets_ = nullptr;
  std::size_t i_ = 0;
};

}  // namespace skarma
