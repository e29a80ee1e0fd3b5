#pragma once

#include <memory>
#include <string>

#include <skarma/cli/input/csv_samples.hpp>
#include <skarma/estimators/mlp/mlp_base.hpp>
#include <skarma/estimators/mlp/mlp_classifier.hpp>

namespace skarma::cli {

/// The network inside an estimator, which may be a pipeline.
const MLPBase& network_of(const Estimator& estimator);

/// A model that was read from a file, and what it asks of the data that it is used on.
class FittedModel {
 public:
  /// Throws UsageError without a path, std::runtime_error naming it if it holds no model.
  explicit FittedModel(const std::string& path);

  const Estimator& estimator() const { return *estimator_; }
  const ModelFeatures& features() const { return features_; }
  /// What targets are to be taken for, so that they can be compared with predictions.
  TaskChoice task() const;
  /// Throws DataError if targets are of another kind than the predictions, showing both: labels of
  /// which the model knows none, numbers for a classifier, another number of outputs.
  void check_kind(const Samples& samples) const;
  /// The labels that the model does not know, the first dozen: "3, 7".
  std::string unknown_labels(const Target& y) const;

 private:
  std::unique_ptr<Estimator> estimator_;
  ModelFeatures features_;
};

}  // namespace skarma::cli
