#include <skarma/estimators/nn/internal/settings_for.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <skarma/core/optim/schedule.hpp>

namespace skarma::nn {

TrainingSettings settings_for(const Optimizer& optimizer, const FitSettings& fit) {
  MLPClassifierParams p;
  p.solver = optimizer.name;
  p.learning_rate_init = optimizer.learning_rate;
  p.learning_rate = optimizer.schedule;
  p.momentum = optimizer.momentum;
  p.nesterovs_momentum = optimizer.nesterov;
  p.beta_1 = optimizer.beta_1;
  p.beta_2 = optimizer.beta_2;
  p.epsilon = optimizer.epsilon;
  p.weight_decay = optimizer.weight_decay;
  p.alpha = 0.0;
  p.batch_size = fit.batch_size;
  p.max_iter = fit.epochs;
  p.shuffle = fit.shuffle;
  p.tol = 0.0;
  p.n_iter_no_change = std::numeric_limits<double>::infinity();
  p.n_threads = fit.n_threads;
  p.init = "glorot_uniform";
  return settings_of(p);
}

void check_optimizer(const Optimizer& optimizer) {
  const auto names = update_rule_names();
  if (std::ranges::find(names, optimizer.name) == names.end()) {
    throw std::invalid_argument(
        fmt::format("The 'optimizer' of Sequential must be one of '{}'. Got '{}' instead.",
                    fmt::join(names, "', '"), optimizer.name));
  }
  const auto require = [](bool is_right, std::string_view what, std::string_view domain,
                          double value) {
    if (is_right) return;
    throw std::invalid_argument(
        fmt::format("The '{}' of an optimizer must be in the range {}. Got "
                    "{} instead.",
                    what, domain, value));
  };
  const auto is_share = [](double v) { return v >= 0.0 && v < 1.0; };
  const auto& o = optimizer;
  require(o.learning_rate > 0.0 && std::isfinite(o.learning_rate), "learning_rate", "(0, inf)",
          o.learning_rate);
  require(is_share(o.momentum), "momentum", "[0, 1)", o.momentum);
  require(is_share(o.beta_1), "beta_1", "[0, 1)", o.beta_1);
  require(is_share(o.beta_2), "beta_2", "[0, 1)", o.beta_2);
  require(o.epsilon > 0.0 && std::isfinite(o.epsilon), "epsilon", "(0, inf)", o.epsilon);
  require(o.weight_decay >= 0.0 && std::isfinite(o.weight_decay), "weight_decay", "[0, inf)",
          o.weight_decay);
  if (o.schedule != "constant") Schedule::parse(o.schedule);
}

void check_fit(const FitSettings& settings) {
  const auto require = [](std::string_view what, int value) {
    if (value >= 1) return;
    throw std::invalid_argument(
        fmt::format("'{}' must be an int in the range [1, inf). Got {} instead.", what, value));
  };
  require("batch_size", settings.batch_size);
  require("epochs", settings.epochs);
}
}  // namespace skarma::nn
