#pragma once

#include <utility>
#include <vector>

#include <skarma/model_selection/search/exhaustive_source.hpp>

namespace skarma {

/// Candidates that somebody has listed, such as those drawn for a random search, on every fold.
class ListSource final : public ExhaustiveSource {
 public:
  ListSource(std::vector<ParamSet> candidates, std::size_t n_folds)
      : ExhaustiveSource(candidates.size(), n_folds), candidates_(std::move(candidates)) {}

  ParamSet params(std::size_t candidate) const override { return candidates_.at(candidate); }

 private:
  std::vector<ParamSet> candidates_;
};

}  // namespace skarma
