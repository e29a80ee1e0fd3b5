#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <skarma/estimators/param_value.hpp>

namespace skarma {

/// The values to try for each of some parameters.
using ParamGrid = std::vector<std::pair<std::string, std::vector<ParamValue>>>;

/// All combinations of one or several grids, in scikit-learn's order: names sorted, the last one
/// varying fastest, grids one after another. An empty grid is one candidate without parameters.
class ParameterGrid {
 public:
  /// Throws std::invalid_argument for a parameter without values or one that is named twice.
  ParameterGrid(ParamGrid grid);
  ParameterGrid(std::vector<ParamGrid> grids);

  const std::vector<ParamSet>& candidates() const { return candidates_; }

 private:
  std::vector<ParamSet> candidates_;
};

}  // namespace skarma
