#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include <skarma/core/base/random_state.hpp>
#include <skarma/estimators/params/random_seed.hpp>

namespace skarma {

/// The members of an ensemble of these parameters, each to be fitted alone. Their seeds are drawn
/// one after another, as scikit-learn's ensembles draw them.
template <class MLP, class Params>
std::vector<MLP> untrained_members(const Params& params) {
  const auto generator = params.random_state.generator();
  std::vector<MLP> members;
  for (int i = 0; i < params.n_members; ++i) {
    Params one = params;
    one.n_members = 1;
    one.random_state = RandomSeed(generator->randint(0, std::numeric_limits<std::int32_t>::max()));
    members.emplace_back(one);
  }
  return members;
}

}  // namespace skarma
