#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <skarma/estimators/param_value.hpp>

namespace skarma {

/// The values to try for each of some parameters.
using ParamGrid = std::vector<std::pair<std::string, std::vector<ParamValue>>>;

/// All combinations of one or several grids, in scikit-learn's order: names sorted, the last one
/// varying fastest, grids one after another. An empty grid is one candidate without parameters.
/// Only the grids are kept: a candidate is made when it is asked for.
class ParameterGrid {
 public:
  /// Throws std::invalid_argument for a parameter without values or one that is named twice, and
  /// for more combinations than can be counted.
  ParameterGrid(ParamGrid grid);
  ParameterGrid(std::vector<ParamGrid> grids);

  /// The number of candidates.
  std::size_t size() const { return ends_.empty() ? 0 : ends_.back(); }
  /// Candidate number i, which is less than size().
  ParamSet operator[](std::size_t i) const;
  /// All of them written out.
  std::vector<ParamSet> candidates() const;

 private:
  std::vector<ParamGrid> grids_;
  std::vector<std::size_t> ends_;  // the candidates up to the end of each grid
};

}  // namespace skarma
