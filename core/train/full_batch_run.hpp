#pragma once

#include <span>
#include <vector>

#include <skarma/core/base/fit_control.hpp>
#include <skarma/core/engine/engine.hpp>
#include <skarma/core/optim/lbfgs.hpp>

namespace skarma {

/// One model that L-BFGS trains on all samples at once. The caller fills in everything down to
/// `control`; training leaves the solution in `parameters`, and `result`.
struct FullBatchRun {
  ModelId model{};
  std::vector<double> parameters{};  // where it starts
  LbfgsLimits limits{};
  FitControl control{};
  LbfgsResult result{};
};

/// Trains every model of the group until each has ended. What they ask for is evaluated in one call
/// of the engine, whose models keep the parameters that were asked about last.
void train(Engine& engine, std::span<FullBatchRun* const> group);

/// Makes the solutions of a group that has been trained the parameters of its models, which takes
/// one evaluation more.
void settle(Engine& engine, std::span<FullBatchRun* const> group);

}  // namespace skarma
