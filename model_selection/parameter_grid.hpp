#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <skarma/estimators/params/param_value.hpp>

namespace skarma {

/// The values to try for each of some parameters.
using ParamGrid = std::vector<std::pair<std::string, std::vector<ParamValue>>>;

/// All combinations of one or several grids, in scikit-learn's order: names sorted, the last one
/// varying fastest, grids one after another. An empty grid is one candidate without parameters.
/// Only the grids are kept, once for all copies: a candidate is made when it is asked for.
class ParameterGrid {
 public:
  /// Throws std::invalid_argument for a parameter without values or one that is named twice, and
  /// for more combinations than can be counted.
  ParameterGrid(ParamGrid grid);
  ParameterGrid(std::vector<ParamGrid> grids);

  /// The number of candidates.
  std::size_t size() const;
  /// Candidate number i, which is less than size().
  ParamSet operator[](std::size_t i) const;
  /// All of them written out.
  std::vector<ParamSet> candidates() const;

 private:
  struct Grids;
  std::shared_ptr<const Grids> grids_;  // of all copies
};

}  // namespace skarma
