#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <skarma/estimators/estimator.hpp>
#include <skarma/estimators/transformer.hpp>

namespace skarma {

/// Transformers in order, then an estimator, as one estimator. A scaler learns from the training
/// samples alone and is applied on the way into the network: no scaled copy of the data is made.
/// Parameters are addressed as step__name.
class Pipeline final : public Estimator {
 public:
  using Transformers = std::vector<std::pair<std::string, std::unique_ptr<Transformer>>>;

  /// Steps with the names that make_pipeline would give them.
  Pipeline(std::vector<std::unique_ptr<Transformer>> transformers,
           std::unique_ptr<Estimator> estimator);
  /// Throws std::invalid_argument for a name that is empty, taken or has a double underscore.
  Pipeline(Transformers transformers, std::string estimator_name,
           std::unique_ptr<Estimator> estimator);
  Pipeline(const Pipeline& other);
  Pipeline& operator=(const Pipeline&) = delete;

  std::unique_ptr<Estimator> clone() const override;
  std::string_view name() const override { return "Pipeline"; }
  bool is_classifier() const override { return estimator_->is_classifier(); }
  Pipeline& set(std::string_view parameter, const ParamValue& value) override;
  ParamSet parameters() const override;
  std::optional<ParamValue> parameter(std::string_view name) const override {
    return estimator_->parameter(name);
  }
  void validate() const override;
  void check_device() const override { estimator_->check_device(); }
  void control_predictions(PredictionControl control) override {
    estimator_->control_predictions(std::move(control));
  }

  /// The transformers are fitted here.
  std::unique_ptr<PreparedFit> prepare(const SampleView& x, const Target& y,
                                       const FitOptions& options = {}) override;
  Pipeline& fit(const SampleView& x, const Target& y, const FitOptions& options = {}) override;
  Target predict(const SampleView& x) const override;
  Matrix<double> predict_proba(const SampleView& x) const override;
  const Classes* class_labels() const override { return estimator_->class_labels(); }
  std::string_view device() const override { return estimator_->device(); }
  bool shares_random_state() const override { return estimator_->shares_random_state(); }
  std::string fit_warning() const override { return estimator_->fit_warning(); }
  bool predicts_float32() const override { return estimator_->predicts_float32(); }
  double score(const SampleView& x, const Target& y,
               std::span<const double> sample_weight = {}) const override;

  /// For model files (model_file.hpp): everything that was learnt, and the parameters.
  void write(ModelArchive& archive) const override;
  void read(ModelArchive& archive) override;

  const Transformers& transformers() const { return transformers_; }
  const std::string& estimator_name() const { return estimator_name_; }
  const Estimator& estimator() const { return *estimator_; }
  Estimator& estimator() { return *estimator_; }
  /// Features of the samples in fit. Throws NotFittedError, and std::logic_error without a
  /// transformer: the estimator knows then.
  std::size_t n_features_in() const;
  /// Their names, where a transformer makes other features of them; empty where they are those of
  /// the estimator.
  const std::vector<std::string>& feature_names_in() const { return feature_names_; }
  /// Throws std::invalid_argument unless there is one name a feature, or none.
  void set_feature_names(std::vector<std::string> names);
  /// The samples as the estimator sees them. Throws NotFittedError.
  SampleView transformed(const SampleView& x) const;

 private:
  SampleView fit_transformers(const SampleView& x);
  FitOptions options_behind(const SampleView& x, std::size_t n_seen, const FitOptions& options);
  FitOptions as_seen(const FitOptions& options) const;

  Transformers transformers_;
  std::string estimator_name_;
  std::unique_ptr<Estimator> estimator_;
  std::vector<std::string> feature_names_;
};

/// make_pipeline(StandardScaler(), MLPClassifier({...})): steps named after their classes in lower
/// case.
template <class... Steps>
Pipeline make_pipeline(Steps... steps) {
  std::vector<std::unique_ptr<Transformer>> transformers;
  std::unique_ptr<Estimator> estimator;
  const auto add = [&]<class Step>(Step&& step) {
    if constexpr (std::is_base_of_v<Transformer, std::decay_t<Step>>) {
      transformers.push_back(std::make_unique<std::decay_t<Step>>(std::forward<Step>(step)));
    } else {
      estimator = std::make_unique<std::decay_t<Step>>(std::forward<Step>(step));
    }
  };
  (add(std::move(steps)), ...);
  return Pipeline(std::move(transformers), std::move(estimator));
}

}  // namespace skarma
