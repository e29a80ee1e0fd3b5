#include <skarma/estimators/io/internal/model_kinds.hpp>

#include <stdexcept>

#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/estimators/mlp/mlp_regressor.hpp>
#include <skarma/estimators/pipeline.hpp>
#include <skarma/estimators/preprocessing/transformer_kinds.hpp>

namespace skarma {

std::unique_ptr<Estimator> new_estimator(const std::string& kind) {
  if (kind == "MLPClassifier") return std::make_unique<MLPClassifier>();
  if (kind == "MLPRegressor") return std::make_unique<MLPRegressor>();
  // A pipeline reads its own steps over this one.
  if (kind == "Pipeline") {
    return std::make_unique<Pipeline>(Pipeline::Transformers(), "model",
                                      std::make_unique<MLPClassifier>());
  }
  if (kind == kSequentialKind) {
    throw std::runtime_error("it holds a Sequential, which nn::Sequential::load reads.");
  }
  throw std::runtime_error("There is no estimator '" + kind + "'.");
}

std::unique_ptr<Transformer> new_transformer(const std::string& kind) {
  try {
    return make_transformer(kind);
  } catch (const std::invalid_argument& error) {
    throw std::runtime_error(error.what());
  }
}

}  // namespace skarma
