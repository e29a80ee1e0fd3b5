#pragma once

#include <utility>

#include <skarma/model_selection/parameter_grid.hpp>
#include <skarma/model_selection/search/exhaustive_source.hpp>

namespace skarma {

/// All candidates of a grid on every fold. A candidate's parameters are made when asked for.
class GridSource final : public ExhaustiveSource {
 public:
  GridSource(ParameterGrid grid, std::size_t n_folds)
      : ExhaustiveSource(grid.size(), n_folds), grid_(std::move(grid)) {}

  ParamSet params(std::size_t candidate) const override { return grid_[candidate]; }

 private:
  ParameterGrid grid_;
};

}  // namespace skarma
