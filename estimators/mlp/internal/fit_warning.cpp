#include <skarma/estimators/mlp/internal/fit_warning.hpp>

#include <string_view>

#include <fmt/format.h>

#include <skarma/estimators/mlp/internal/trained_network.hpp>

namespace skarma {
namespace {

std::string lm_warning(const TrainedNetwork& network, int n_iter) {
  const auto text = [&](std::string_view reason) {
    return fmt::format("lm failed to converge after {} iteration(s): {}", n_iter, reason);
  };
  switch (network.stop_reason()) {
    case StopReason::max_iter:
      return text(fmt::format("max_iter={} is reached. Increase it, or 'tol'.", n_iter));
    case StopReason::max_fun:
      return text("the loss has been evaluated more often than max_fun allows. Increase it.");
    case StopReason::line_search_failed:
      return text("no step lowers the loss. You might want to scale the data.");
    default:
      return "";
  }
}

std::string lbfgs_warning(const TrainedNetwork& network, int n_iter) {
  const StopReason reason = network.stop_reason();
  const auto text = [&](int status, std::string_view message, std::string_view more_iterations) {
    return fmt::format(
        "lbfgs failed to converge after {} iteration(s) (status={}):\n{}\n{}\n"
        "You might also want to scale the data as shown in:\n"
        "    https://scikit-learn.org/stable/modules/preprocessing.html",
        n_iter, status, message, more_iterations);
  };
  if (reason == StopReason::max_iter) {
    return text(1, "STOP: TOTAL NO. OF ITERATIONS REACHED LIMIT",
                fmt::format("\nIncrease the number of iterations to improve the convergence "
                            "(max_iter={}).",
                            n_iter));
  }
  if (reason == StopReason::max_fun) {
    return text(1, "STOP: TOTAL NO. OF F,G EVALUATIONS EXCEEDS LIMIT", "");
  }
  if (reason != StopReason::line_search_failed) return "";
  // SciPy calls it status 1 where the failed search has used up the evaluations, too.
  return text(network.exceeded_max_fun() ? 1 : 2, "ABNORMAL: ", "");
}

}  // namespace

std::string fit_warning_of(const TrainedNetwork& network) {
  const int n_iter = network.history().n_iter;
  if (network.full_batch_solver() == "lm") return lm_warning(network, n_iter);
  if (network.n_evaluations() > 0) return lbfgs_warning(network, n_iter);
  if (network.stop_reason() != StopReason::max_iter) return "";
  return fmt::format(
      "Stochastic Optimizer: Maximum iterations ({}) reached and the optimization hasn't "
      "converged yet.",
      n_iter);
}

}  // namespace skarma
