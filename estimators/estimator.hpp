#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <skarma/core/base/fit_control.hpp>
#include <skarma/core/base/sample_view.hpp>
#include <skarma/estimators/holdout.hpp>
#include <skarma/estimators/params/param_value.hpp>
#include <skarma/estimators/target.hpp>

namespace skarma {

class ModelArchive;
struct PreparedFit;

/// Samples of shape (n_samples, n_features) with their targets that a fit does not learn from.
struct ValidationData {
  SampleView x;
  Target y;
  std::span<const double> sample_weight{};  // empty, or one weight a sample
};

/// What may come with the samples of one fit.
struct FitOptions {
  std::span<const double> sample_weight{};       // empty, or one weight a sample
  std::span<const std::string> feature_names{};  // empty, or one name a feature
  FitControl control{};
  /// Scored after each epoch, and what early stopping looks at, in the place of held-out samples.
  std::optional<ValidationData> validation{};
  /// Rows to learn from and rows to hold out for early stopping, instead of a draw of
  /// validation_fraction.
  std::optional<TrainTest> holdout{};
  int n_epochs = 1;  // of a partial_fit
};

/// A supervised estimator with scikit-learn's protocol: what a search can copy, set, fit and score.
/// fit() may be called again at any time; const members are safe from several threads at once.
class Estimator {
 public:
  virtual ~Estimator() = default;

  /// An unfitted copy with the same parameters.
  virtual std::unique_ptr<Estimator> clone() const = 0;
  /// The class name, such as "MLPClassifier".
  virtual std::string_view name() const = 0;
  virtual bool is_classifier() const = 0;

  /// Throws std::invalid_argument for an unknown name (naming the nearest) or a value of a wrong
  /// type; the range of a value is judged by fit() and validate(). Strings are read as text.
  virtual Estimator& set(std::string_view parameter, const ParamValue& value) = 0;
  virtual ParamSet parameters() const = 0;
  /// The value of one of them, of a pipeline's estimator; nullopt where there is none of this name.
  virtual std::optional<ParamValue> parameter(std::string_view name) const;
  /// Throws std::invalid_argument for the first parameter outside of its domain.
  virtual void validate() const = 0;
  /// Throws DeviceError, which says why, where the device that a fit would use is not there.
  virtual void check_device() const {}
  /// How predictions are ended and computed from now on. A clone knows of nothing.
  // NOLINTNEXTLINE(performance-unnecessary-value-param): what overrides it keeps it.
  virtual void control_predictions(PredictionControl) {}

  /// Learns from samples of shape (n_samples, n_features) and their targets.
  /// Throws std::invalid_argument for bad parameters or data, DivergenceError if training ends with
  /// parameters that are not finite.
  virtual Estimator& fit(const SampleView& x, const Target& y, const FitOptions& options = {}) = 0;
  /// The first part of fit(), for whoever trains many networks as a group: checks the data and
  /// draws what there is to draw. The samples must outlive the result, and this must stay where it
  /// is. An estimator that has nothing to train so is fitted at once, and there is no result.
  virtual std::unique_ptr<PreparedFit> prepare(const SampleView& x, const Target& y,
                                               const FitOptions& options = {});
  /// What computes its fits: the parameter `device`.
  virtual std::string_view device() const { return "cpu"; }
  /// Whether its fits draw from a generator that others have, too, and so one after another.
  virtual bool shares_random_state() const { return false; }
  /// What scikit-learn would warn of after the last fit; "" for nothing. The library never prints.
  virtual std::string fit_warning() const { return ""; }
  /// Labels or numbers, one (or one row) a sample. Throws NotFittedError.
  virtual Target predict(const SampleView& x) const = 0;
  /// Probabilities of shape (n_samples, n_classes), or (n_samples, n_outputs) for several labels at
  /// once. Throws NotFittedError, and std::invalid_argument where there are none.
  virtual Matrix<double> predict_proba(const SampleView& x) const;
  /// The sorted labels that a fitted classifier tells apart; null where there are none, and for
  /// several labels at once.
  virtual const Classes* class_labels() const { return nullptr; }
  /// Whether predictions are computed in float32.
  virtual bool predicts_float32() const { return false; }
  /// Accuracy of a classifier, R2 of a regressor. Throws NotFittedError.
  virtual double score(const SampleView& x, const Target& y,
                       std::span<const double> sample_weight = {}) const = 0;

  /// For model files (model_file.hpp): everything that was learnt, and the parameters.
  virtual void write(ModelArchive& archive) const = 0;
  virtual void read(ModelArchive& archive) = 0;

 protected:
  Estimator() = default;
  Estimator(const Estimator&) = default;
  Estimator& operator=(const Estimator&) = default;
};

}  // namespace skarma
