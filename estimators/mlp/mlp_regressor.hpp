#pragma once

#include <skarma/estimators/mlp/mlp_base.hpp>
#include <skarma/estimators/mlp/mlp_params.hpp>

namespace skarma {

struct ParameterInfo;

/// A multi-layer perceptron that predicts numbers, one or several a sample. Parameters, results and
/// names are those of scikit-learn's MLPRegressor.
class MLPRegressor final : public MLPBase {
 public:
  explicit MLPRegressor(MLPRegressorParams params = {}) : params_(std::move(params)) {}

  const MLPRegressorParams& params() const { return params_; }
  /// A seed, or a generator that fit draws from in place, which no text or number could name.
  void set_random_state(RandomSeed random_state) { params_.random_state = std::move(random_state); }
  /// What a fit that draws weights starts from (see InitialWeights); fit checks the shapes.
  void set_initial_weights(InitialWeights initial) { params_.initial = std::move(initial); }
  /// Every parameter with its domain, default and documentation (see parameter_table.hpp).
  static std::vector<ParameterInfo> parameter_infos();
  std::unique_ptr<Estimator> clone() const override;
  std::string_view device() const override { return params_.device; }
  bool shares_random_state() const override { return params_.random_state.is_shared(); }
  std::string_view name() const override { return "MLPRegressor"; }
  bool is_classifier() const override { return false; }
  MLPRegressor& set(std::string_view parameter, const ParamValue& value) override;
  ParamSet parameters() const override;
  std::optional<ParamValue> parameter(std::string_view name) const override;
  void validate() const override;
  void check_device() const override;

  /// Member number i of an ensemble as an estimator of its own, which predicts and trains as if it
  /// had been fitted alone with its random_state; of a single network a copy. Throws
  /// std::out_of_range.
  MLPRegressor member(std::size_t i) const;
  using MLPBase::widen;
  std::unique_ptr<PreparedFit> prepare(const SampleView& x, const Target& y,
                                       const FitOptions& options = {}) override;
  MLPRegressor& fit(const SampleView& x, const Target& y, const FitOptions& options = {}) override;
  /// One epoch over the given samples; with lbfgs a whole fit from the current weights. Not with
  /// early stopping.
  MLPRegressor& partial_fit(const SampleView& x, const Target& y, const FitOptions& options = {});

  /// An untrained network with these parameters (packed as packed_parameters() is) instead of drawn
  /// ones, for partial_fit or a warm start to go on from. Throws std::invalid_argument for bad
  /// parameters of the estimator or another number of them.
  MLPRegressor& start_from(std::size_t n_features, std::size_t n_outputs,
                           std::span<const double> parameters);

  /// Shape (n_samples, n_outputs); with the loss 'quantile' (n_samples, levels).
  Target predict(const SampleView& x) const override;
  /// The derivative of each sample's loss by its features, shape (n_samples, n_features).
  Matrix<double> input_gradient(const SampleView& x, const Target& y) const;
  /// How much each feature adds to an output, by its number, on the way from the baseline (one
  /// number a feature, or empty: 0), shape (n_samples, n_features). Rows sum to the difference of
  /// the predictions, the closer the more steps (Sundararajan, Taly and Yan, ICML 2017).
  Matrix<double> integrated_gradients(const SampleView& x, std::size_t output = 0,
                                      std::span<const double> baseline = {},
                                      int n_steps = 50) const;
  /// R2; with the loss 'quantile' the mean of d2_pinball_score over the levels.
  double score(const SampleView& x, const Target& y,
               std::span<const double> sample_weight = {}) const override;

  /// For model files (model_file.hpp): everything that was learnt, and the parameters.
  void write(ModelArchive& archive) const override;
  void read(ModelArchive& archive) override;

 private:
  void fit_members(const SampleView& x, const Target& y, const FitOptions& options);
  std::unique_ptr<PreparedFit> prepare_in(FitMode mode, const SampleView& x, const Target& y,
                                          const FitOptions& options);

  MLPRegressorParams params_;
};

}  // namespace skarma
