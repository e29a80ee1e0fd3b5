#pragma once

#include <string>
#include <vector>

#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/tests/support/golden_data.hpp>

namespace skarma::test {

/// A small network that is trained for a moment.
inline MLPClassifierParams quick_classifier() {
  return {.hidden_layer_sizes = {4}, .max_iter = 5, .random_state = 7};
}

inline const GoldenData& iris() {
  static const auto data = golden_data_set("iris");
  return data;
}

/// The labels of iris as names: "setosa", "versicolor" or "virginica".
inline std::vector<std::string> iris_names() {
  std::vector<std::string> names;
  for (const int code : iris().y.as_ints()) {
    names.push_back(golden("data_iris").at("target_names")[static_cast<std::size_t>(code)]);
  }
  return names;
}

}  // namespace skarma::test
