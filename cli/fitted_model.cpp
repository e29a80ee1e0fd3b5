#include <skarma/cli/fitted_model.hpp>

#include <skarma/cli/usage_error.hpp>
#include <skarma/estimators/mlp_classifier.hpp>
#include <skarma/estimators/model_file.hpp>
#include <skarma/estimators/pipeline.hpp>

namespace skarma::cli {
namespace {

std::unique_ptr<Estimator> load(const std::string& path) {
  if (path.empty()) throw UsageError("which model? Name the file that --save-model wrote.");
  return load_model(path);
}

ModelFeatures features_of(const MLPBase& network) {
  return {network.n_features_in(), network.feature_names_in()};
}

}  // namespace

const MLPBase& network_of(const Estimator& estimator) {
  const auto* pipeline = dynamic_cast<const Pipeline*>(&estimator);
  return dynamic_cast<const MLPBase&>(pipeline != nullptr ? pipeline->estimator() : estimator);
}

FittedModel::FittedModel(const std::string& path)
    : estimator_(load(path)), features_(features_of(network_of(*estimator_))) {}

TaskChoice FittedModel::task() const {
  const auto* classifier = dynamic_cast<const MLPClassifier*>(&network_of(*estimator_));
  if (classifier == nullptr) return TaskChoice::regression;
  return std::holds_alternative<std::vector<std::string>>(classifier->classes())
             ? TaskChoice::words
             : TaskChoice::classification;
}

}  // namespace skarma::cli
