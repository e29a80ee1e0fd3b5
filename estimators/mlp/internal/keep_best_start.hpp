#pragma once

#include <exception>
#include <optional>
#include <utility>

#include <skarma/core/base/errors.hpp>
#include <skarma/estimators/mlp/mlp_base.hpp>

namespace skarma {

/// What the best of several starts has least of: the loss, or the score of early stopping with its
/// sign turned.
inline double badness(const MLPBase& network) {
  const auto score = network.best_validation_score();
  return score ? -*score : network.loss();
}

/// Fits an MLP of these parameters `n_init` times, each start drawing from where the one before has
/// left the generator, so that the first is what a fit with n_init = 1 is, and keeps the best. A
/// start that diverges is passed over, unless all do. Ends after a start that was stopped.
template <class MLP, class Params>
void keep_best_start(MLP& mlp, const Params& params, const SampleView& x, const Target& y,
                     const FitOptions& options) {
  Params one = params;
  one.n_init = 1;
  one.random_state = RandomSeed(params.random_state.generator());
  std::optional<MLP> best;
  std::exception_ptr failure;
  for (int start = 0; start < params.n_init; ++start) {
    MLP next(one);
    try {
      next.fit(x, y, options);
    } catch (const DivergenceError&) {
      failure = std::current_exception();
      continue;
    }
    const StopReason reason = next.stop_reason();
    if (!best || badness(next) < badness(*best)) best.emplace(std::move(next));
    if (reason == StopReason::interrupted) break;
  }
  if (!best) std::rethrow_exception(failure);
  best->set_random_state(params.random_state);
  best->set("n_init", static_cast<std::int64_t>(params.n_init));
  mlp = *best;
}

}  // namespace skarma
