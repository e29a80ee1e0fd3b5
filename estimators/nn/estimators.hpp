#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <skarma/core/base/history_table.hpp>
#include <skarma/estimators/estimator.hpp>
#include <skarma/estimators/nn/sequential.hpp>

namespace skarma::nn {

/// The parameters of one network, for the function that builds it. All throw std::invalid_argument
/// for a name that is not there and for a value of another type.
class BuildParameters {
 public:
  explicit BuildParameters(ParamSet all) : all_(std::move(all)) {}
  int whole(std::string_view name) const;
  double real(std::string_view name) const;
  bool flag(std::string_view name) const;
  const std::string& text(std::string_view name) const;
  const ParamSet& all() const { return all_; }

 private:
  const ParamValue& value(std::string_view name) const;

  ParamSet all_;
};

/// Makes a compiled network. It may be called by several threads at once.
using BuildFunction = std::function<Sequential(const BuildParameters& parameters)>;

/// What Classifier and Regressor have in common: a function that builds a network, and its
/// parameters, which are parameters of the estimator beside `epochs`, `batch_size` and `device`.
class BuiltEstimator : public Estimator {
 public:
  BuiltEstimator& set(std::string_view parameter, const ParamValue& value) override;
  /// Those of the fit, then those of the function.
  ParamSet parameters() const override;
  void validate() const override;
  void check_device() const override;
  void control_predictions(PredictionControl control) override {
    predictions_ = std::move(control);
  }
  std::string_view device() const override { return device_; }
  bool predicts_float32() const override;

  /// The network, as the last fit has left it. Throws NotFittedError.
  const Sequential& model() const;
  /// What its training came to. Throws NotFittedError.
  HistoryTable history() const;

  /// A function is in no file: throw std::invalid_argument, which says to save model().
  void write(ModelArchive& archive) const override;
  void read(ModelArchive& archive) override;

 protected:
  /// `parameters` are those of the function with their values unless they are set. Throws
  /// std::invalid_argument for one that is called as one of the fit.
  BuiltEstimator(BuildFunction build, ParamSet parameters);

  /// A network for samples of this form.
  std::shared_ptr<Sequential> built(const SampleView& x) const;
  std::unique_ptr<PreparedFit> begin(const std::shared_ptr<Sequential>& model, const SampleView& x,
                                     const TargetView& y,
                                     const std::optional<ValidationSamples>& held,
                                     const FitOptions& options, std::function<void()> learnt);
  Matrix<double> outputs(const SampleView& x) const;
  /// What was learnt.
  void forget();

 private:
  [[noreturn]] void refuse_files() const;

  BuildFunction build_;
  ParamSet build_parameters_;
  std::int64_t epochs_ = 1;
  std::int64_t batch_size_ = 32;
  std::string device_ = "cpu";
  PredictionControl predictions_;
  std::shared_ptr<const Sequential> model_;
};

/// A classifier of a function that builds a network, whose last layer has an output for each class,
/// or one for two classes. Source: Keras's wrappers for scikit-learn.
class Classifier final : public BuiltEstimator {
 public:
  explicit Classifier(BuildFunction build, ParamSet parameters = {})
      : BuiltEstimator(std::move(build), std::move(parameters)) {}

  std::unique_ptr<Estimator> clone() const override;
  std::string_view name() const override { return "Classifier"; }
  bool is_classifier() const override { return true; }
  std::unique_ptr<PreparedFit> prepare(const SampleView& x, const Target& y,
                                       const FitOptions& options = {}) override;
  Classifier& fit(const SampleView& x, const Target& y, const FitOptions& options = {}) override;
  Target predict(const SampleView& x) const override;
  /// Throws std::invalid_argument unless the last activation is a softmax or a sigmoid.
  Matrix<double> predict_proba(const SampleView& x) const override;
  const Classes* class_labels() const override { return classes_.get(); }
  double score(const SampleView& x, const Target& y,
               std::span<const double> sample_weight = {}) const override;

 private:
  std::shared_ptr<const Classes> classes_;
};

/// A regressor of a function that builds a network with an output for each target.
class Regressor final : public BuiltEstimator {
 public:
  explicit Regressor(BuildFunction build, ParamSet parameters = {})
      : BuiltEstimator(std::move(build), std::move(parameters)) {}

  std::unique_ptr<Estimator> clone() const override;
  std::string_view name() const override { return "Regressor"; }
  bool is_classifier() const override { return false; }
  std::unique_ptr<PreparedFit> prepare(const SampleView& x, const Target& y,
                                       const FitOptions& options = {}) override;
  Regressor& fit(const SampleView& x, const Target& y, const FitOptions& options = {}) override;
  Target predict(const SampleView& x) const override;
  double score(const SampleView& x, const Target& y,
               std::span<const double> sample_weight = {}) const override;
};

}  // namespace skarma::nn
