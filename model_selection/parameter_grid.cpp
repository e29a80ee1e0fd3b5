#include <skarma/model_selection/parameter_grid.hpp>

#include <algorithm>
#include <limits>
#include <stdexcept>

#include <fmt/format.h>

#include <skarma/core/base/internal/check.hpp>

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

[[noreturn]] void refuse_size() {
  throw std::invalid_argument(
      "The parameter grid has more candidates than can be counted: give fewer values.");
}

constexpr std::size_t kMost = std::numeric_limits<std::size_t>::max();

std::size_t n_combinations(const ParamGrid& grid) {
  std::size_t n = 1;
  for (const auto& [name, values] : grid) {
    if (n > kMost / values.size()) refuse_size();
    n *= values.size();
  }
  return n;
}

/// A number whose digits choose the values, the last parameter's being the lowest.
ParamSet combination(const ParamGrid& grid, std::size_t number) {
  ParamSet set(grid.size());
  for (std::size_t i = grid.size(); i-- > 0;) {
    const auto& [name, values] = grid[i];
    set[i] = {name, values[number % values.size()]};
    number /= values.size();
  }
  return set;
}

}  // namespace

struct ParameterGrid::Grids {
  std::vector<ParamGrid> grids;
  std::vector<std::size_t> ends{};  // the candidates up to the end of each grid

  std::size_t size() const { return ends.empty() ? 0 : ends.back(); }
};

ParameterGrid::ParameterGrid(ParamGrid grid)
    : ParameterGrid(std::vector<ParamGrid>{std::move(grid)}) {}

ParameterGrid::ParameterGrid(std::vector<ParamGrid> grids) {
  Grids all{.grids = std::move(grids)};
  for (ParamGrid& grid : all.grids) {
    grid = sorted(std::move(grid));
    const std::size_t n = n_combinations(grid);
    if (n > kMost - all.size()) refuse_size();
    all.ends.push_back(all.size() + n);
  }
  grids_ = std::make_shared<const Grids>(std::move(all));
}

std::size_t ParameterGrid::size() const { return grids_->size(); }

ParamSet ParameterGrid::operator[](std::size_t i) const {
  SKARMA_CHECK(i < size());
  const auto& [grids, ends] = *grids_;
  const auto end = std::upper_bound(ends.begin(), ends.end(), i);
  const std::size_t start = end == ends.begin() ? 0 : *(end - 1);
  return combination(grids[static_cast<std::size_t>(end - ends.begin())], i - start);
}

std::vector<ParamSet> ParameterGrid::candidates() const {
  std::vector<ParamSet> all;
  all.reserve(size());
  for (std::size_t i = 0; i < size(); ++i) all.push_back((*this)[i]);
  return all;
}

}  // namespace skarma
