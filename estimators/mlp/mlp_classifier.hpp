#pragma once

#include <skarma/estimators/mlp/mlp_base.hpp>
#include <skarma/estimators/mlp/mlp_params.hpp>

namespace skarma {

struct ParameterInfo;

/// A multi-layer perceptron that classifies: two classes, several, or several labels at once.
/// Parameters, results and names are those of scikit-learn's MLPClassifier.
///
///   skarma::MLPClassifier({.hidden_layer_sizes = {100}, .solver = "lbfgs", .alpha = 1e-3})
class MLPClassifier final : public MLPBase {
 public:
  explicit MLPClassifier(MLPClassifierParams params = {}) : params_(std::move(params)) {}

  const MLPClassifierParams& params() const { return params_; }
  /// A seed, or a generator that fit draws from in place, which no text or number could name.
  void set_random_state(RandomSeed random_state) { params_.random_state = std::move(random_state); }
  /// What a fit that draws weights starts from (see InitialWeights); fit checks the shapes.
  void set_initial_weights(InitialWeights initial) { params_.initial = std::move(initial); }
  /// Every parameter with its domain, default and documentation (see parameter_table.hpp).
  static std::vector<ParameterInfo> parameter_infos();
  std::unique_ptr<Estimator> clone() const override;
  std::string_view device() const override { return params_.device; }
  bool shares_random_state() const override { return params_.random_state.is_shared(); }
  std::string_view name() const override { return "MLPClassifier"; }
  bool is_classifier() const override { return true; }
  MLPClassifier& set(std::string_view parameter, const ParamValue& value) override;
  ParamSet parameters() const override;
  std::optional<ParamValue> parameter(std::string_view name) const override;
  void validate() const override;
  void check_device() const override;

  /// Member number i of an ensemble as an estimator of its own, which predicts and trains as if it
  /// had been fitted alone with its random_state; of a single network a copy. Throws
  /// std::out_of_range.
  MLPClassifier member(std::size_t i) const;
  using MLPBase::widen;
  std::unique_ptr<PreparedFit> prepare(const SampleView& x, const Target& y,
                                       const FitOptions& options = {}) override;
  MLPClassifier& fit(const SampleView& x, const Target& y, const FitOptions& options = {}) override;
  /// One epoch over the given samples. `classes` (all that will ever occur) is needed at the first
  /// call unless the labels are several outputs. Not for lbfgs, nor with early stopping.
  MLPClassifier& partial_fit(const SampleView& x, const Target& y,
                             const std::optional<Target>& classes = {},
                             const FitOptions& options = {});

  /// An untrained network with these parameters (packed as packed_parameters() is) instead of drawn
  /// ones, for partial_fit or a warm start to go on from. `classes` are all that will ever occur.
  /// Throws std::invalid_argument for bad parameters of the estimator or another number of them.
  MLPClassifier& start_from(std::size_t n_features, const Target& classes,
                            std::span<const double> parameters);

  Target predict(const SampleView& x) const override;
  /// Shape (n_samples, n_classes); for several labels the probability of each. Throws
  /// std::invalid_argument for a loss that gives none, a hinge loss.
  Matrix<double> predict_proba(const SampleView& x) const override;
  /// The logarithm of predict_proba, -inf included.
  Matrix<double> predict_log_proba(const SampleView& x) const;
  /// What the probabilities are made of, shape (n_samples, n_classes), or (n_samples, 1) for two
  /// classes, for several labels one each: softmax or the logistic function makes probabilities of
  /// them, after a division by temperature(). For a hinge loss the scores.
  Matrix<double> logits(const SampleView& x) const;
  /// The scores of a network that was trained with a hinge loss, as logits(). Throws
  /// std::invalid_argument for another loss.
  Matrix<double> decision_function(const SampleView& x) const;
  /// Finds the temperature with which the probabilities of these samples have the least log loss
  /// (Guo et al., ICML 2017), for predictions from then on. They should not be samples of the fit.
  /// A later fit forgets it. Throws std::invalid_argument for a hinge loss and unknown labels.
  MLPClassifier& calibrate(const SampleView& x, const Target& y,
                           std::span<const double> sample_weight = {});
  /// 1 unless calibrate() has found another one.
  double temperature() const { return temperature_; }
  /// Sets it. Throws std::invalid_argument unless it is positive and finite.
  void set_temperature(double temperature);
  /// The derivative of each sample's loss by its features, shape (n_samples, n_features): where to
  /// go for a higher loss. Labels must be ones that were learnt.
  Matrix<double> input_gradient(const SampleView& x, const Target& y) const;
  /// How much each feature adds to the probability of a label (one a sample; nullopt: the one that
  /// is predicted) on the way from the baseline (one number a feature, or empty: 0), shape
  /// (n_samples, n_features). Rows sum to the difference of the probabilities, the closer the more
  /// steps (Sundararajan, Taly and Yan, ICML 2017). Not for several labels at once.
  Matrix<double> integrated_gradients(const SampleView& x, const std::optional<Target>& labels = {},
                                      std::span<const double> baseline = {},
                                      int n_steps = 50) const;
  double score(const SampleView& x, const Target& y,
               std::span<const double> sample_weight = {}) const override;

  /// For model files (model_file.hpp): everything that was learnt, and the parameters.
  void write(ModelArchive& archive) const override;
  void read(ModelArchive& archive) override;

  const Classes* class_labels() const override { return multilabel_ ? nullptr : classes_.get(); }
  /// The sorted labels; for several labels at once, 0 ... n_outputs - 1.
  const Classes& classes() const;
  /// Whether several labels may hold at once.
  bool is_multilabel() const { return multilabel_; }

 private:
  void fit_members(const SampleView& x, const Target& y, const FitOptions& options);
  std::unique_ptr<PreparedFit> prepare_in(FitMode mode, const SampleView& x, const Target& y,
                                          std::shared_ptr<const Classes> classes,
                                          const FitOptions& options);

  /// Outputs, by the temperature.
  Matrix<double> probabilities(const SampleView& x) const;

  MLPClassifierParams params_;
  std::shared_ptr<const Classes> classes_;
  bool multilabel_ = false;
  double temperature_ = 1.0;
};

}  // namespace skarma
