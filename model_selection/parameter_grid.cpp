#include <skarma/model_selection/parameter_grid.hpp>

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

namespace skarma {
namespace {

ParamGrid sorted(ParamGrid grid) {
  std::sort(grid.begin(), grid.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  for (std::size_t i = 0; i < grid.size(); ++i) {
    const auto& [name, values] = grid[i];
    if (values.empty()) {
      throw std::invalid_argument(fmt::format(
          "Parameter grid for parameter '{}' need to be a non-empty sequence, got: []", name));
    }
    if (i > 0 && grid[i - 1].first == name) {
      throw std::invalid_argument(fmt::format("Parameter '{}' is named twice in one grid.", name));
    }
  }
  return grid;
}

/// The cartesian product, the last parameter varying fastest.
std::vector<ParamSet> combinations(const ParamGrid& grid) {
  std::vector<ParamSet> result{{}};
  for (const auto& [name, values] : grid) {
    std::vector<ParamSet> longer;
    for (const ParamSet& candidate : result) {
      for (const ParamValue& value : values) {
        longer.push_back(candidate);
        longer.back().emplace_back(name, value);
      }
    }
    result = std::move(longer);
  }
  return result;
}

}  // namespace

ParameterGrid::ParameterGrid(ParamGrid grid) : candidates_(combinations(sorted(std::move(grid)))) {}

ParameterGrid::ParameterGrid(std::vector<ParamGrid> grids) {
  for (ParamGrid& grid : grids) {
    const auto more = combinations(sorted(std::move(grid)));
    candidates_.insert(candidates_.end(), more.begin(), more.end());
  }
}

}  // namespace skarma
