#pragma once

#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/estimators/pipeline.hpp>
#include <skarma/estimators/preprocessing/standard_scaler.hpp>

namespace skarma::cli::test {

/// A scaler and a network, fitted on the columns a and b: "yes" where b is the smaller.
inline Pipeline fitted_on_a_and_b() {
  const Matrix<double> x(6, 2, {1, 2, 2, 1, 3, 5, 4, 3, 5, 6, 6, 4});
  const std::vector<std::string> y = {"no", "yes", "no", "yes", "no", "yes"};
  const std::vector<std::string> names = {"a", "b"};
  Pipeline model = make_pipeline(
      StandardScaler(),
      MLPClassifier(
          {.hidden_layer_sizes = {4}, .solver = "lbfgs", .max_iter = 1000, .random_state = 1}));
  model.fit(x, y, {.feature_names = names});
  return model;
}

}  // namespace skarma::cli::test
