#include <skarma/estimators/mlp/mlp_base.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
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
#include <skarma/estimators/mlp/internal/fit_warning.hpp>
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

/// Of the members but the first, which is where a single network is.
std::string member_part(std::size_t i) { return fmt::format("member_{}", i); }

/// What the mean of probabilities would be linked from.
void unlink(const Link& link, Matrix<double>& outputs) {
  constexpr double kLeast = std::numeric_limits<double>::min();
  const bool is_logistic = link.elementwise == kLogistic;
  if (!is_logistic && link.rows != kSoftmaxLink) return;
  for (std::size_t i = 0; i < outputs.values().size(); ++i) {
    double& p = outputs.data()[i];
    p = std::log(std::max(p, kLeast)) - (is_logistic ? std::log(std::max(1.0 - p, kLeast)) : 0.0);
  }
}

}  // namespace

MLPBase::MLPBase() : network_(std::make_unique<TrainedNetwork>()) {}
MLPBase::~MLPBase() = default;
MLPBase::MLPBase(const MLPBase& other)
    : Estimator(other),
      network_(std::make_unique<TrainedNetwork>(*other.network_)),
      others_(other.others_),
      member_seeds_(other.member_seeds_),
      feature_names_(other.feature_names_) {}
MLPBase& MLPBase::operator=(const MLPBase& other) {
  network_ = std::make_unique<TrainedNetwork>(*other.network_);
  others_ = other.others_;
  member_seeds_ = other.member_seeds_;
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
  if (goes_on && !others_.empty()) {
    throw std::invalid_argument(
        fmt::format("This {} has {} members and cannot go on training: fit it without warm_start.",
                    name(), n_members()));
  }
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
      others_.clear();
      member_seeds_.clear();
      feature_names_ = std::move(names_then);
      if (learnt) learnt();
    };
    return fit;
  });
}

void MLPBase::train_alone(PreparedFit& fit, const FitControl& control) {
  const auto units = fit.model.spec.layer_units();
  const std::size_t n_held_out = fit.held_out ? fit.held_out->n_samples() : 0;
  within_memory(units, fit.samples.n_samples() + n_held_out,
                [&] { skarma::train_alone(fit, control); });
}

void MLPBase::start_network(const TrainingSettings& settings, std::size_t n_features,
                            std::size_t n_outputs, const LossChoice& loss,
                            std::span<const double> parameters) {
  auto next = std::make_unique<TrainedNetwork>();
  next->start_from(settings, n_features, n_outputs, loss, parameters);
  network_ = std::move(next);
  others_.clear();
  member_seeds_.clear();
  feature_names_.clear();
}

Matrix<double> MLPBase::checked_outputs(const SampleView& x, std::string_view device,
                                        std::optional<int> n_threads, bool linked) const {
  const TrainedNetwork& network = fitted();
  check_not_empty(name(), x);
  check_n_features(name(), x, network.spec().n_inputs());
  const int threads = useful_threads(n_threads, "n_threads");
  try {
    if (others_.empty()) return outputs_of(network, x, device, threads, linked);
    Matrix<double> mean = mean_outputs(x, device, threads);
    if (!linked) unlink(network.spec().loss().link, mean);
    return mean;
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

Matrix<double> MLPBase::mean_outputs(const SampleView& x, std::string_view device,
                                     int n_threads) const {
  Matrix<double> mean = outputs_of(fitted(), x, device, n_threads, true);
  const std::size_t size = mean.values().size();
  for (const auto& other : others_) {
    const Matrix<double> more = outputs_of(*other, x, device, n_threads, true);
    for (std::size_t i = 0; i < size; ++i) mean.data()[i] += more.data()[i];
  }
  for (std::size_t i = 0; i < size; ++i) mean.data()[i] /= static_cast<double>(n_members());
  return mean;
}

std::size_t MLPBase::n_members() const {
  fitted();
  return 1 + others_.size();
}

void MLPBase::take_members(std::span<MLPBase* const> members) {
  std::vector<std::shared_ptr<const TrainedNetwork>> others;
  for (MLPBase* const member : members.subspan(1)) {
    others.push_back(std::make_shared<const TrainedNetwork>(std::move(*member->network_)));
  }
  network_ = std::make_unique<TrainedNetwork>(std::move(*members.front()->network_));
  others_ = std::move(others);
  member_seeds_.clear();
  for (const MLPBase* const member : members) {
    for (const auto& [parameter, value] : member->parameters()) {
      if (parameter == "random_state") member_seeds_.push_back(std::get<std::int64_t>(value));
    }
  }
  feature_names_ = members.front()->feature_names_;
}

RandomSeed MLPBase::seed_of_member(std::size_t i) const {
  return i < member_seeds_.size() ? RandomSeed(member_seeds_[i]) : RandomSeed();
}

std::size_t MLPBase::train_members(std::span<MLPBase* const> members, const SampleView& x,
                                   const Target& y, const FitOptions& options) {
  SharedEngine own;
  SharedEngine& shared = options.control.engine != nullptr ? *options.control.engine : own;
  std::size_t done = 0, most = options.control.callbacks.empty() ? members.size() : 1;
  do {
    try {
      done += train_some(members.subspan(done), most, shared, x, y, options);
    } catch (const OutOfMemory&) {
      if (most == 1) throw;
      most /= 2;  // members begin anew with their seeds
    }
  } while (done < members.size() && !options.control.stop.stop_requested());
  return done;
}

std::size_t MLPBase::train_some(std::span<MLPBase* const> members, std::size_t& most,
                                SharedEngine& shared, const SampleView& x, const Target& y,
                                const FitOptions& options) {
  std::vector<std::unique_ptr<PreparedFit>> fits;
  std::vector<PreparedFit*> group;
  do {
    fits.push_back(members[fits.size()]->prepare(x, y, options));
    group.push_back(fits.back().get());
    const PreparedFit& first = *group.front();
    const Engine& engine = shared.on(first.device, first.n_threads);
    most = std::min({most, members.size(), engine.capabilities().most_models});
  } while (group.size() < most);
  const PreparedFit& first = *group.front();
  const auto units = first.model.spec.layer_units();
  within_memory(units, x.n_samples(), [&] {
    train_group(shared.on(first.device, first.n_threads), group);
    for (PreparedFit* const fit : group) fit->finish(*fit);
  });
  return group.size();
}

void MLPBase::give_member(std::size_t i, MLPBase& to) const {
  const TrainedNetwork& network = i == 0 ? fitted() : *others_.at(i - 1);
  to.network_ = std::make_unique<TrainedNetwork>(network);
  to.others_.clear();
  to.member_seeds_.clear();
  to.feature_names_ = feature_names_;
}

void MLPBase::widen() {
  network_->widen();
  for (auto& other : others_) {
    auto wide = std::make_shared<TrainedNetwork>(*other);
    wide->widen();
    other = std::move(wide);
  }
}

void MLPBase::check_to_predict(const SampleView& x) const {
  check_samples(name(), x);
  check_n_features(name(), x, fitted().spec().n_inputs());
}

Matrix<double> MLPBase::input_gradient_of(const SampleView& x,
                                          const Targets<double>& targets) const {
  if (!others_.empty()) {
    throw std::invalid_argument(fmt::format(
        "input_gradient is of one network, and this {} has {}: ask each of its members.", name(),
        n_members()));
  }
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
    const auto add = [&](const TrainedNetwork& network) {
      const Matrix<double> gradient = network.output_by_inputs(SampleView(at.view()), outputs);
      for (std::size_t k = 0; k < n * width; ++k) sum.data()[k] += gradient.data()[k];
    };
    add(fitted());
    for (const auto& other : others_) add(*other);
  }
  for (std::size_t k = 0; k < n * width; ++k) {
    sum.data()[k] *= way.data()[k] / (n_steps * static_cast<double>(n_members()));
  }
  return sum;
}

void MLPBase::write_network(ModelArchive& archive) const {
  fitted().write(archive);
  for (std::size_t i = 0; i < others_.size(); ++i) {
    ModelArchive member = archive.part(member_part(i + 1));
    others_[i]->write(member);
  }
  if (!member_seeds_.empty()) {
    archive.write_tensor("member_seeds", {member_seeds_.size()}, member_seeds_);
  }
  archive.write_names("feature_names", feature_names_);
}

void MLPBase::read_network(ModelArchive& archive) {
  network_->read(archive);
  others_.clear();
  member_seeds_.clear();
  while (archive.has(member_part(others_.size() + 1))) {
    ModelArchive part = archive.part(member_part(others_.size() + 1));
    auto member = std::make_shared<TrainedNetwork>();
    member->read(part);
    const NetworkSpec& spec = member->spec();
    if (spec.n_inputs() != n_features_in() || spec.n_outputs() != n_outputs() ||
        &spec.loss() != &fitted().spec().loss()) {
      archive.fail("the members are networks for different data");
    }
    others_.push_back(std::move(member));
  }
  if (archive.has_tensor("member_seeds")) {
    member_seeds_ = archive.tensor("member_seeds").values<std::int64_t>();
  }
  feature_names_ = archive.names("feature_names");
  if (!feature_names_.empty() && feature_names_.size() != n_features_in()) {
    archive.fail("there is not one name for each feature");
  }
}

const TrainingHistory& MLPBase::training_history() const { return fitted().history(); }

std::vector<Matrix<double>> MLPBase::coefs() const { return fitted().coefs(); }
std::vector<std::vector<double>> MLPBase::intercepts() const { return fitted().intercepts(); }
std::vector<Matrix<double>> MLPBase::batch_norms() const { return fitted().batch_norms(); }
std::vector<Matrix<double>> MLPBase::layer_norms() const { return fitted().layer_norms(); }
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
NetworkSummary MLPBase::summary() const {
  NetworkSummary summary = summary_of(fitted().spec());
  summary.n_members = n_members();
  return summary;
}
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
  std::string text = fit_warning_of(fitted());
  for (const auto& other : others_) {
    if (text.empty()) text = fit_warning_of(*other);
  }
  return text;
}
bool MLPBase::is_fitted() const { return network_->is_fitted(); }
bool MLPBase::predicts_float32() const { return network_->is_float32(); }

}  // namespace skarma
