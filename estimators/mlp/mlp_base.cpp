#include <skarma/estimators/mlp/mlp_base.hpp>

#include <algorithm>
#include <cmath>
#include <new>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/core/engine/registry.hpp>
#include <skarma/core/engine/shared_engine.hpp>
#include <skarma/core/net/not_finite_sample.hpp>
#include <skarma/estimators/internal/input_checks.hpp>
#include <skarma/estimators/io/internal/model_archive.hpp>
#include <skarma/estimators/mlp/internal/summary_of.hpp>
#include <skarma/estimators/mlp/internal/trained_network.hpp>

namespace skarma {
namespace {

/// Rows that are there, in both parts.
void check_holdout(const TrainTest& parts, std::size_t n_samples) {
  for (const auto& rows : {parts.train, parts.test}) {
    if (!rows.empty() && std::ranges::max(rows) < n_samples) continue;
    throw std::invalid_argument(fmt::format(
        "The rows that are held out for early stopping, and the others, must be some of the {} "
        "samples.",
        n_samples));
  }
}

[[noreturn]] void throw_out_of_memory(std::span<const std::size_t> layer_units,
                                      std::size_t n_samples) {
  throw OutOfMemory(
      fmt::format("There is not enough memory to train a network with layers of [{}] units on {} "
                  "samples: fewer "
                  "units or a smaller batch_size take less.",
                  fmt::join(layer_units, ", "), n_samples));
}

/// Does it, and says of which network there was no memory for it.
template <class Work>
auto within_memory(std::span<const std::size_t> layer_units, std::size_t n_samples,
                   const Work& work) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    throw_out_of_memory(layer_units, n_samples);
  } catch (const std::length_error&) {  // of a vector
    throw_out_of_memory(layer_units, n_samples);
  }
}

}  // namespace

MLPBase::MLPBase() : network_(std::make_unique<TrainedNetwork>()) {}
MLPBase::~MLPBase() = default;
MLPBase::MLPBase(const MLPBase& other)
    : Estimator(other),
      network_(std::make_unique<TrainedNetwork>(*other.network_)),
      feature_names_(other.feature_names_) {}
MLPBase& MLPBase::operator=(const MLPBase& other) {
  network_ = std::make_unique<TrainedNetwork>(*other.network_);
  feature_names_ = other.feature_names_;
  return *this;
}

const TrainedNetwork& MLPBase::fitted() const {
  if (!network_->is_fitted()) throw not_fitted(name());
  return *network_;
}

std::unique_ptr<PreparedFit> MLPBase::prepare_network(TrainingSettings settings,
                                                      const SampleView& x, TrainingTask task,
                                                      FitMode mode, const FitOptions& options,
                                                      std::function<void()> learnt) {
  const auto& names = options.feature_names;
  check_n_names(names.size(), x.n_features());
  if (options.holdout) check_holdout(*options.holdout, x.n_samples());
  const bool goes_on =
      network_->is_fitted() && (settings.warm_start || mode == FitMode::partial_fit);
  if (goes_on) check_n_features(name(), x, n_features_in());
  const auto units = layer_units(settings, x.n_features(), task.targets.n_outputs);
  return within_memory(units, x.n_samples(), [&] {
    // Trained aside, so that an error loses nothing.
    const auto next =
        goes_on ? std::make_shared<TrainedNetwork>(*network_) : std::make_shared<TrainedNetwork>();
    task.holdout = options.holdout;
    task.n_epochs = options.n_epochs;
    auto fit = next->prepare(name(), settings, x, std::move(task), mode, options.control);
    std::vector<std::string> new_names(names.begin(), names.end());
    if (goes_on) new_names = feature_names_;
    fit->finish = [this, next, settings = std::move(settings), x, new_names = std::move(new_names),
                   learnt = std::move(learnt)](PreparedFit& trained) {
      next->finish(settings, x, trained);
      auto names_then = new_names;
      network_ = std::make_unique<TrainedNetwork>(std::move(*next));
      feature_names_ = std::move(names_then);
      if (learnt) learnt();
    };
    return fit;
  });
}

void MLPBase::train_alone(PreparedFit& fit, const FitControl& control) {
  const auto units = fit.model.spec.layer_units();
  const std::size_t n_held_out = fit.held_out ? fit.held_out->n_samples() : 0;
  within_memory(units, fit.samples.n_samples() + n_held_out, [&] {
    SharedEngine own;
    SharedEngine& shared = control.engine != nullptr ? *control.engine : own;
    PreparedFit* const group[] = {&fit};
    train_group(shared.on(fit.device, fit.n_threads), group);
    fit.finish(fit);
  });
}

void MLPBase::start_network(const TrainingSettings& settings, std::size_t n_features,
                            std::size_t n_outputs, const LossChoice& loss,
                            std::span<const double> parameters) {
  auto next = std::make_unique<TrainedNetwork>();
  next->start_from(settings, n_features, n_outputs, loss, parameters);
  network_ = std::move(next);
  feature_names_.clear();
}

Matrix<double> MLPBase::checked_outputs(const SampleView& x, std::string_view device,
                                        std::optional<int> n_threads, bool linked) const {
  const TrainedNetwork& network = fitted();
  check_not_empty(name(), x);
  check_n_features(name(), x, network.spec().n_inputs());
  try {
    return outputs_of(network, x, device, useful_threads(n_threads, "n_threads"), linked);
  } catch (const NotFiniteSample&) {
    check_samples(name(), x);  // says which
    throw;
  }
}

Matrix<double> MLPBase::outputs_of(const TrainedNetwork& network, const SampleView& x,
                                   std::string_view device, int n_threads, bool linked) const {
  const auto& [stop, shared, given] = predictions_;
  const std::string there = given.empty() ? device_to_predict_on(device, network.device()) : given;
  if (shared != nullptr) return network.outputs(shared->on(there, n_threads), x, linked, stop);
  return network.outputs(*make_engine_to_predict(there, n_threads, x.n_samples()), x, linked, stop);
}

void MLPBase::check_to_predict(const SampleView& x) const {
  check_samples(name(), x);
  check_n_features(name(), x, fitted().spec().n_inputs());
}

Matrix<double> MLPBase::input_gradient_of(const SampleView& x,
                                          const Targets<double>& targets) const {
  return fitted().loss_by_inputs(x, targets);
}

/// The mean of the gradients at the middles of n_steps steps (Sundararajan, Taly and Yan, ICML
/// 2017), times the way.
Matrix<double> MLPBase::integrated_gradients_of(const SampleView& x,
                                                std::span<const std::int32_t> outputs,
                                                std::span<const double> baseline,
                                                int n_steps) const {
  const std::size_t n = x.n_samples(), width = x.n_features();
  if (n_steps < 1) {
    throw std::invalid_argument(
        fmt::format("n_steps must be an int of at least 1. Got {} instead.", n_steps));
  }
  if (!baseline.empty() && baseline.size() != width) {
    throw std::invalid_argument(
        fmt::format("The baseline has {} numbers for {} features.", baseline.size(), width));
  }
  Matrix<double> way(n, width), sum(n, width), at(n, width);
  x.gather(0, n, way.data());
  const auto start = [&](std::size_t j) { return baseline.empty() ? 0.0 : baseline[j]; };
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < width; ++j) way(i, j) -= start(j);
  }
  for (int step = 0; step < n_steps; ++step) {
    const double share = (step + 0.5) / n_steps;
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < width; ++j) at(i, j) = start(j) + share * way(i, j);
    }
    const Matrix<double> gradient = fitted().output_by_inputs(SampleView(at.view()), outputs);
    for (std::size_t k = 0; k < n * width; ++k) sum.data()[k] += gradient.data()[k];
  }
  for (std::size_t k = 0; k < n * width; ++k) sum.data()[k] *= way.data()[k] / n_steps;
  return sum;
}

void MLPBase::write_network(ModelArchive& archive) const {
  fitted().write(archive);
  archive.write_names("feature_names", feature_names_);
}

void MLPBase::read_network(ModelArchive& archive) {
  network_->read(archive);
  feature_names_ = archive.names("feature_names");
  if (!feature_names_.empty() && feature_names_.size() != n_features_in()) {
    archive.fail("there is not one name for each feature");
  }
}

const TrainingHistory& MLPBase::training_history() const { return fitted().history(); }

std::vector<Matrix<double>> MLPBase::coefs() const { return fitted().coefs(); }
std::vector<std::vector<double>> MLPBase::intercepts() const { return fitted().intercepts(); }
std::vector<Matrix<double>> MLPBase::batch_norms() const { return fitted().batch_norms(); }
double MLPBase::loss() const { return training_history().loss; }
std::vector<double> MLPBase::loss_curve(std::size_t first) const {
  return training_history().loss_curve.from(first);
}
std::size_t MLPBase::n_losses() const { return training_history().loss_curve.size(); }
std::optional<double> MLPBase::best_loss() const { return training_history().best_loss; }
const std::optional<std::vector<double>>& MLPBase::validation_scores() const {
  return training_history().validation_scores;
}
std::optional<double> MLPBase::best_validation_score() const {
  return training_history().best_validation_score;
}
std::vector<double> MLPBase::validation_loss_curve() const {
  const TrainingHistory& all = training_history();
  if (!all.iterations && all.validation_losses.size() == 0) return {};
  std::vector<double> losses = all.table().validation_loss;
  const bool has_one = std::ranges::any_of(losses, [](double v) { return !std::isnan(v); });
  return has_one ? losses : std::vector<double>();
}
NetworkSummary MLPBase::summary() const { return summary_of(fitted().spec()); }
HistoryTable MLPBase::history() const { return training_history().table(); }
int MLPBase::n_iter() const { return training_history().n_iter; }
int MLPBase::n_evaluations() const { return fitted().n_evaluations(); }
std::int64_t MLPBase::t() const { return training_history().t; }
std::size_t MLPBase::n_layers() const { return fitted().spec().layer_units().size(); }
std::size_t MLPBase::n_outputs() const { return fitted().spec().n_outputs(); }
std::string MLPBase::out_activation() const {
  return std::string(fitted().spec().loss().link.name);
}
std::size_t MLPBase::n_features_in() const { return fitted().spec().n_inputs(); }
const std::vector<std::string>& MLPBase::feature_names_in() const {
  fitted();
  return feature_names_;
}
void MLPBase::set_feature_names(std::vector<std::string> names) {
  check_n_names(names.size(), n_features_in());
  feature_names_ = std::move(names);
}
int MLPBase::no_improvement_count() const { return training_history().no_improvement_count; }
std::vector<double> MLPBase::packed_parameters() const { return fitted().parameters(); }
std::size_t MLPBase::n_weights() const {
  const LayerPlace& last = fitted().spec().layers().back();
  return last.intercept + last.outputs;
}
template <class T>
std::span<const T> MLPBase::parameters_view() const {
  return fitted().parameters_view<T>();
}
template std::span<const float> MLPBase::parameters_view<float>() const;
template std::span<const double> MLPBase::parameters_view<double>() const;
void MLPBase::set_packed_parameters(std::span<const double> parameters) {
  fitted();
  network_->set_parameters(parameters);
}
const std::string& MLPBase::device_used() const { return fitted().device(); }
StopReason MLPBase::stop_reason() const { return fitted().stop_reason(); }
std::string MLPBase::fit_warning() const {
  const StopReason reason = stop_reason();
  if (fitted().full_batch_solver() == "lm") return lm_warning();
  if (n_evaluations() > 0) return lbfgs_warning();
  if (reason != StopReason::max_iter) return "";
  return fmt::format(
      "Stochastic Optimizer: Maximum iterations ({}) reached and the optimization hasn't "
      "converged yet.",
      n_iter());
}
std::string MLPBase::lbfgs_warning() const {
  const StopReason reason = stop_reason();
  const auto text = [&](int status, std::string_view message, std::string_view more_iterations) {
    return fmt::format(
        "lbfgs failed to converge after {} iteration(s) (status={}):\n{}\n{}\n"
        "You might also want to scale the data as shown in:\n"
        "    https://scikit-learn.org/stable/modules/preprocessing.html",
        n_iter(), status, message, more_iterations);
  };
  if (reason == StopReason::max_iter) {
    return text(1, "STOP: TOTAL NO. OF ITERATIONS REACHED LIMIT",
                fmt::format("\nIncrease the number of iterations to improve the convergence "
                            "(max_iter={}).",
                            n_iter()));
  }
  if (reason == StopReason::max_fun) {
    return text(1, "STOP: TOTAL NO. OF F,G EVALUATIONS EXCEEDS LIMIT", "");
  }
  if (reason != StopReason::line_search_failed) return "";
  // SciPy calls it status 1 where the failed search has used up the evaluations, too.
  return text(fitted().exceeded_max_fun() ? 1 : 2, "ABNORMAL: ", "");
}
std::string MLPBase::lm_warning() const {
  const auto text = [&](std::string_view reason) {
    return fmt::format("lm failed to converge after {} iteration(s): {}", n_iter(), reason);
  };
  switch (stop_reason()) {
    case StopReason::max_iter:
      return text(fmt::format("max_iter={} is reached. Increase it, or 'tol'.", n_iter()));
    case StopReason::max_fun:
      return text("the loss has been evaluated more often than max_fun allows. Increase it.");
    case StopReason::line_search_failed:
      return text("no step lowers the loss. You might want to scale the data.");
    default:
      return "";
  }
}
bool MLPBase::is_fitted() const { return network_->is_fitted(); }
bool MLPBase::predicts_float32() const { return network_->is_float32(); }

}  // namespace skarma
