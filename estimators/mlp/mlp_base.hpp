#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <skarma/core/base/history_table.hpp>
#include <skarma/core/base/matrix.hpp>
#include <skarma/estimators/estimator.hpp>
#include <skarma/estimators/mlp/network_summary.hpp>
#include <skarma/estimators/params/random_seed.hpp>

namespace skarma {

class SharedEngine;
class TrainedNetwork;
struct TrainingTask;
template <class T>
struct Targets;
struct TrainingSettings;
struct TrainingHistory;
struct LossChoice;
enum class FitMode;

/// What MLPClassifier and MLPRegressor have in common: the trained network and everything that
/// scikit-learn shows of it. All members here throw NotFittedError before fit().
class MLPBase : public Estimator {
 public:
  ~MLPBase() override;

  /// coefs()[i]: weights of shape (units of layer i, units of layer i + 1).
  std::vector<Matrix<double>> coefs() const;
  /// intercepts()[i]: biases of shape (units of layer i + 1).
  std::vector<std::vector<double>> intercepts() const;
  /// gamma, beta, moving mean and moving variance of each hidden layer's batch normalisation, shape
  /// (4, units).
  std::vector<Matrix<double>> batch_norms() const;
  /// gamma and beta of each layer normalisation, shape (2, units); empty without any.
  std::vector<Matrix<double>> layer_norms() const;
  /// The loss at the end: of the last epoch (its running mean), or lbfgs's last value.
  double loss() const;
  /// One loss an epoch, from epoch number `first` on; empty for lbfgs.
  std::vector<double> loss_curve(std::size_t first = 0) const;
  /// How many epochs that is, of all fits that went on from each other.
  std::size_t n_losses() const;
  /// The lowest loss of an epoch; nullopt for lbfgs and with early stopping.
  std::optional<double> best_loss() const;
  /// Scores on the held-out samples, one an epoch; only with early stopping.
  const std::optional<std::vector<double>>& validation_scores() const;
  std::optional<double> best_validation_score() const;
  /// Losses of the validation samples, without penalties, one an epoch (lbfgs: an iteration); NaN
  /// for those that had none, empty where none had.
  std::vector<double> validation_loss_curve() const;
  /// What the fits that went on from each other came to, epoch by epoch; of lbfgs the last fit,
  /// iteration by iteration.
  HistoryTable history() const;
  /// How many networks there are, whose outputs are averaged. Coefs, history and all else here are
  /// the first one's, but for predictions, fit_warning() and what says otherwise.
  std::size_t n_members() const;
  /// Layers, shapes and counts of parameters; of each member, with the sum of all.
  NetworkSummary summary() const;
  /// Epochs, or iterations of lbfgs, of the last fit.
  int n_iter() const;
  /// Loss evaluations of the last fit; lbfgs only, otherwise 0.
  int n_evaluations() const;
  /// Samples seen in training, epochs counted; 0 for lbfgs.
  std::int64_t t() const;
  std::size_t n_layers() const;
  std::size_t n_outputs() const;
  /// "softmax", "logistic", "identity", "exp" or, of several quantiles, "ordered".
  std::string out_activation() const;
  std::size_t n_features_in() const;
  /// Empty if fit() was given no names.
  const std::vector<std::string>& feature_names_in() const;
  /// Names for the features of a fitted network. Throws std::invalid_argument for another number.
  void set_feature_names(std::vector<std::string> names);
  /// Epochs without improvement at the end of the last fit; 0 for lbfgs.
  int no_improvement_count() const;
  /// All weights, then all biases, as scikit-learn packs them.
  std::vector<double> packed_parameters() const;
  /// Those of them that are coefs and intercepts, which are the first.
  std::size_t n_weights() const;
  /// The same without a copy, as long as nothing trains; empty if the network computes in another
  /// type.
  template <class T>
  std::span<const T> parameters_view() const;
  /// Puts other numbers in their place, which predictions and a later partial_fit or warm start
  /// use. Throws std::invalid_argument for another number of them.
  void set_packed_parameters(std::span<const double> parameters);
  /// What computed the last fit: "cpu", "cuda:0" ..., also where `device` is 'auto'.
  const std::string& device_used() const;
  /// Why the last fit ended.
  StopReason stop_reason() const;
  bool is_fitted() const;
  bool predicts_float32() const override;
  std::string fit_warning() const override;
  void control_predictions(PredictionControl control) override {
    predictions_ = std::move(control);
  }

 protected:
  MLPBase();
  MLPBase(const MLPBase& other);
  MLPBase& operator=(const MLPBase& other);

  /// The first part of a fit. `learnt` is called when it has been finished.
  std::unique_ptr<PreparedFit> prepare_network(TrainingSettings settings, const SampleView& x,
                                               TrainingTask task, FitMode mode,
                                               const FitOptions& options,
                                               std::function<void()> learnt = {});
  /// The rest of it, as a group of one. All or nothing: after an exception the network is what it
  /// was.
  static void train_alone(PreparedFit& fit, const FitControl& control);
  /// An untrained network with these parameters, packed.
  void start_network(const TrainingSettings& settings, std::size_t n_features,
                     std::size_t n_outputs, const LossChoice& loss,
                     std::span<const double> parameters);
  /// Network outputs after the checks that every prediction starts with. `device` and `n_threads`
  /// are the parameters of these names. Not `linked`: what goes into the link.
  Matrix<double> checked_outputs(const SampleView& x, std::string_view device,
                                 std::optional<int> n_threads, bool linked = true) const;
  /// The derivatives by the samples of their losses. Throws std::invalid_argument as predict()
  /// does.
  Matrix<double> input_gradient_of(const SampleView& x, const Targets<double>& targets) const;
  /// Of output number outputs[i] of row i, from the baseline (one number a feature, or empty: 0)
  /// to x.
  Matrix<double> integrated_gradients_of(const SampleView& x, std::span<const std::int32_t> outputs,
                                         std::span<const double> baseline, int n_steps) const;
  /// Finite samples with as many features as the network's.
  void check_to_predict(const SampleView& x) const;
  /// The network and the feature names, for model files.
  void write_network(ModelArchive& archive) const;
  void read_network(ModelArchive& archive);
  /// The trained network, of several the first one. Throws NotFittedError.
  const TrainedNetwork& fitted() const;
  /// Fits each as if alone: as many at once as the device is glad of, or one after another where
  /// callbacks watch. Returns how many: a stop request leaves out those that have not begun.
  static std::size_t train_members(std::span<MLPBase* const> members, const SampleView& x,
                                   const Target& y, const FitOptions& options);
  /// Becomes an ensemble of the networks of these, which are fitted and one network each.
  void take_members(std::span<MLPBase* const> members);
  /// That it was fitted with.
  RandomSeed seed_of_member(std::size_t i) const;
  /// The network of number i alone, in an estimator that has none. Throws std::out_of_range.
  void give_member(std::size_t i, MLPBase& to) const;
  /// Computes in double from now on, with the same numbers.
  void widen();

 private:
  const TrainingHistory& training_history() const;
  Matrix<double> outputs_of(const TrainedNetwork& network, const SampleView& x,
                            std::string_view device, int n_threads, bool linked) const;
  /// Trains the first members as one group, as many as the device is glad of and no more than
  /// `most`, which becomes that; returns how many.
  static std::size_t train_some(std::span<MLPBase* const> members, std::size_t& most,
                                SharedEngine& shared, const SampleView& x, const Target& y,
                                const FitOptions& options);
  Matrix<double> mean_outputs(const SampleView& x, std::string_view device, int n_threads) const;

  std::unique_ptr<TrainedNetwork> network_;
  std::vector<std::shared_ptr<const TrainedNetwork>> others_;  // of an ensemble
  std::vector<std::int64_t> member_seeds_;                     // of all of it
  std::vector<std::string> feature_names_;
  PredictionControl predictions_;
};

}  // namespace skarma
