#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <skarma/core/base/fit_control.hpp>
#include <skarma/core/base/sample_view.hpp>
#include <skarma/core/engine/engine.hpp>
#include <skarma/core/net/network_spec.hpp>
#include <skarma/core/train/history.hpp>
#include <skarma/estimators/internal/prepared_fit.hpp>
#include <skarma/estimators/mlp/internal/training_settings.hpp>
#include <skarma/estimators/mlp/internal/training_task.hpp>

namespace skarma {

class ModelArchive;

enum class FitMode { fit, partial_fit };

/// The trained network of an MLP estimator and everything that a later fit may go on from. Holds no
/// labels; copies deeply.
class TrainedNetwork {
 public:
  bool is_fitted() const { return spec_.has_value(); }

  /// Gets ready to train; finish() takes what has come out. A first pass (not fitted, or neither
  /// warm start nor partial_fit) draws new weights. `owner` names the estimator in messages. Throws
  /// std::invalid_argument. In between this is not to be used.
  std::unique_ptr<PreparedFit> prepare(std::string_view owner, const TrainingSettings& settings,
                                       const SampleView& x, TrainingTask task, FitMode mode,
                                       const FitControl& control);
  /// The same with this network in the place of the one of hidden layers that the settings name.
  std::unique_ptr<PreparedFit> prepare(std::string_view owner, const TrainingSettings& settings,
                                       NetworkSpec spec, const SampleView& x, TrainingTask task,
                                       FitMode mode, const FitControl& control);
  /// New weights for a network, and no history.
  void start(const TrainingSettings& settings, const NetworkSpec& spec, bool float32,
             RandomState& random_state);
  /// The schedule of these settings begins anew, for as many epochs as they say.
  void restart_rate(const TrainingSettings& settings);
  /// `x` are all samples of the fit. Throws DivergenceError.
  void finish(const TrainingSettings& settings, const SampleView& x, PreparedFit& fit);

  /// An untrained network with these parameters, packed, in the place of drawn ones. Throws
  /// std::invalid_argument for another number of them.
  void start_from(const TrainingSettings& settings, std::size_t n_inputs, std::size_t n_outputs,
                  const LossChoice& loss, std::span<const double> parameters);
  /// Other numbers for the same network, as above.
  void set_parameters(std::span<const double> parameters);
  std::vector<double> parameters() const;
  /// Computes in double from now on, with the same numbers.
  void widen();
  /// The same without a copy; empty if the network computes in another type.
  template <class T>
  std::span<const T> parameters_view() const {
    const auto* state = std::get_if<ModelState<T>>(&state_);
    return state != nullptr ? std::span<const T>(state->parameters) : std::span<const T>();
  }

  /// For model files.
  void write(ModelArchive& archive) const;
  void read(ModelArchive& archive);
  /// Of the network that these numbers belong to.
  void read(ModelArchive& archive, const NetworkSpec& spec);

  /// The network's outputs, shape (n_samples, n_outputs). Throws NotFiniteSample, and Cancelled
  /// after a stop request.
  /// Not `linked`: what goes into the link.
  Matrix<double> outputs(Engine& engine, const SampleView& x, bool linked,
                         const std::stop_token& stop) const;

  /// What the last layer reads, shape (n_samples, its inputs): by the engine 'cpu', of dense
  /// samples.
  Matrix<double> before_last(Engine& engine, const SampleView& x,
                             const std::stop_token& stop) const;

  /// Derivatives by the samples, shape (n_samples, n_features): see input_gradients.hpp.
  Matrix<double> loss_by_inputs(const SampleView& x, const Targets<double>& targets) const;
  Matrix<double> output_by_inputs(const SampleView& x, std::span<const std::int32_t> outputs) const;

  const NetworkSpec& spec() const;
  bool is_float32() const { return std::holds_alternative<ModelState<float>>(state_); }
  const TrainingHistory& history() const { return history_; }
  StopReason stop_reason() const { return stop_reason_; }
  int n_evaluations() const { return n_evaluations_; }
  /// The solver of the last fit if it has no epochs ("lbfgs", "lm"), else "". Not in model files.
  const std::string& full_batch_solver() const { return full_batch_solver_; }
  /// What computed the last fit: "cpu", "cuda:0" ...
  const std::string& device() const { return device_; }
  /// Whether the last fit, by lbfgs, evaluated more often than its max_fun.
  bool exceeded_max_fun() const { return exceeded_max_fun_; }
  std::vector<Matrix<double>> coefs() const;
  std::vector<std::vector<double>> intercepts() const;
  /// gamma, beta, moving mean and moving variance of each batch normalisation, shape (4, units).
  std::vector<Matrix<double>> batch_norms() const { return norms(Operation::batch_norm); }
  /// gamma and beta of each layer normalisation, shape (2, units).
  std::vector<Matrix<double>> layer_norms() const { return norms(Operation::layer_norm); }

 private:
  AnyParameters any_parameters() const;
  std::vector<Matrix<double>> norms(Operation operation) const;
  void write_network(ModelArchive& archive) const;
  void read_network(ModelArchive& archive, const NetworkSpec& spec, bool float32);
  void prepare_full_batch(const TrainingSettings& settings, TrainingTask& task,
                          const FitControl& control, PreparedFit& fit);
  void check_same_rule(const UpdateRule& wanted);
  void prepare_epochs(const TrainingSettings& settings, TrainingTask& task, FitMode mode,
                      bool first_pass, const FitControl& control, PreparedFit& fit);
  void finish_full_batch(const TrainingSettings& settings, FullBatchRun& run);
  void finish_epochs(TrainingRun& run, AnyModelState state);
  void check_continuation(std::string_view owner, const TrainingSettings& settings,
                          const NetworkSpec& spec) const;
  void check_finite(const TrainingSettings& settings, const SampleView& x) const;

  std::optional<NetworkSpec> spec_;
  AnyModelState state_;
  TrainingHistory history_;
  std::optional<LearningRate> rate_;  // of the optimiser, which partial_fit keeps
  StopReason stop_reason_ = StopReason::max_iter;
  std::string device_ = "cpu";
  std::string full_batch_solver_;
  int n_evaluations_ = 0;
  bool exceeded_max_fun_ = false;
};

}  // namespace skarma
