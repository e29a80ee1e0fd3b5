// Any bytes as a model file, and any JSON text as the description of a model whose tensors are
// there. What loads must predict, go on training and be written again, or say why not.
#include <cstdint>
#include <optional>
#include <stdexcept>

#include <skarma/estimators/io/internal/safetensors.hpp>
#include <skarma/estimators/io/model_file.hpp>
#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/estimators/mlp/mlp_regressor.hpp>
#include <skarma/estimators/pipeline.hpp>
#include <skarma/estimators/preprocessing/standard_scaler.hpp>

using namespace skarma;

namespace {

constexpr std::size_t kMostFeatures = 1000;

/// A model whose tensors meet the JSON text that the fuzzer invents.
const Safetensors& small_model() {
  static const Safetensors file = [] {
    auto model = make_pipeline(StandardScaler(),
                               MLPClassifier({.hidden_layer_sizes = {2}, .random_state = 0}));
    auto& mlp = dynamic_cast<MLPClassifier&>(model.estimator());
    const Matrix<double> x(3, 2, {0, 1, 2, 3, 4, 6});
    const Target y(std::vector<int>{0, 1, 0});
    model.fit(x, y);
    mlp.partial_fit(model.transformed(x), y);
    return parse_safetensors(model_to_bytes(model), "the model");
  }();
  return file;
}

const Estimator& inner(const Estimator& estimator) {
  const auto* pipeline = dynamic_cast<const Pipeline*>(&estimator);
  return pipeline == nullptr ? estimator : pipeline->estimator();
}

void go_on_training(const Estimator& estimator, const SampleView& x) {
  const Estimator& learner = inner(estimator);
  if (const auto* classifier = dynamic_cast<const MLPClassifier*>(&learner)) {
    MLPClassifier copy = *classifier;
    copy.partial_fit(x, copy.predict(x));
  } else if (const auto* regressor = dynamic_cast<const MLPRegressor*>(&learner)) {
    MLPRegressor copy = *regressor;
    if (copy.params().solver == "lbfgs") copy.set("max_iter", std::int64_t{2});
    copy.partial_fit(x, copy.predict(x));
  }
}

void use(const Estimator& estimator) {
  const auto& mlp = dynamic_cast<const MLPBase&>(inner(estimator));
  const std::size_t width = mlp.n_features_in();
  if (width > kMostFeatures) return;
  Matrix<double> x(2, width);
  for (std::size_t j = 0; j < width; ++j) x(1, j) = 0.5 * static_cast<double>(j) - 1.0;
  const std::string bytes = model_to_bytes(estimator);
  const auto again = model_from_bytes(bytes);
  if (model_to_bytes(*again) != bytes) std::abort();
  try {
    estimator.predict(x);
    if (estimator.is_classifier()) estimator.predict_proba(x);
    go_on_training(estimator, x);
  } catch (const std::exception&) {
    // A model may be unable to predict; it must say so.
  }
}

std::optional<std::string> bytes_of(std::string_view input) {
  if (!input.starts_with('{')) return std::string(input);
  Safetensors file = small_model();
  file.metadata["skarma"] = input;
  try {
    return to_bytes(file);
  } catch (const std::exception&) {
    return std::nullopt;  // text that JSON cannot hold
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = bytes_of({reinterpret_cast<const char*>(data), size});
  if (!bytes) return 0;
  std::unique_ptr<Estimator> estimator;
  try {
    estimator = model_from_bytes(*bytes);
  } catch (const std::runtime_error&) {
    return 0;
  }
  use(*estimator);
  return 0;
}
