#include <skarma/model_selection/param_sets.hpp>

#include <memory>
#include <utility>

#include <skarma/core/base/internal/check.hpp>

namespace skarma {

ParamSets::ParamSets(const ParameterGrid& grid)
    : make_([grid](std::size_t i) { return grid[i]; }), n_all_(grid.size()) {}

ParamSets::ParamSets(std::vector<ParamSet> sets) : n_all_(sets.size()) {
  const auto kept = std::make_shared<const std::vector<ParamSet>>(std::move(sets));
  make_ = [kept](std::size_t i) { return (*kept)[i]; };
}

ParamSet ParamSets::operator[](std::size_t i) const {
  SKARMA_CHECK(i < size());
  return make_(rows_ ? (*rows_)[i] : i);
}

ParamSets::Iterator ParamSets::begin() const { return {*this, 0}; }
ParamSets::Iterator ParamSets::end() const { return {*this, size()}; }

ParamSets ParamSets::chosen(const std::vector<std::size_t>& numbers) const {
  ParamSets part = *this;
  std::vector<std::size_t> rows;
  rows.reserve(numbers.size());
  for (const std::size_t i : numbers) {
    SKARMA_CHECK(i < size());
    rows.push_back(rows_ ? (*rows_)[i] : i);
  }
  part.rows_ = std::move(rows);
  return part;
}

}  // namespace skarma
