#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <skarma/core/base/fit_callback.hpp>

namespace skarma {

class SharedEngine;

/// Why a fit ended.
enum class StopReason {
  converged,           // lbfgs: gradient or loss within tolerance; otherwise no improvement
  max_iter,            // the iterations are used up
  max_fun,             // lbfgs: the evaluations are used up
  line_search_failed,  // lbfgs: no acceptable step
  one_epoch,           // partial_fit
  interrupted,         // asked to stop
  callback,            // a callback stopped it
};

/// "converged", "max_iter", ...: the names of the enumerators.
std::string to_string(StopReason reason);

/// What happened when an epoch (lbfgs: an iteration) ended.
struct EpochReport {
  int n_iter;
  double loss;
  std::optional<double> validation_score;
  std::optional<double> lowered_rate;  // the learning rate, if the schedule adaptive lowered it
  std::optional<double> validation_loss{};
};

/// How a caller watches and ends a fit. `observer` is called after each epoch; returning false
/// ends the fit there, as a stop request does within about 100 ms. `engine` computes the fit, and
/// those before and after it; nullptr: the fit makes one of its own. `device`, "cpu", "cuda:1" ...,
/// takes the place of the parameter; empty: it does not. Callbacks are called in their order.
struct FitControl {
  std::stop_token stop{};
  std::function<bool(const EpochReport&)> observer{};
  SharedEngine* engine = nullptr;
  std::string device{};
  std::vector<std::shared_ptr<FitCallback>> callbacks{};
};

/// How a caller ends predictions, with Cancelled soon after a stop request, and what computes them:
/// an engine that is shared lets one thread predict at a time; nullptr: each makes one of its own.
/// `device`, which must be there, takes the place of the parameter; empty: it does not.
struct PredictionControl {
  std::stop_token stop{};
  SharedEngine* engine = nullptr;
  std::string device{};
};

}  // namespace skarma
