#pragma once

#include <optional>
#include <string>
#include <vector>

#include <skarma/estimators/estimator.hpp>
#include <skarma/tests/support/golden.hpp>

namespace skarma::test {

/// What a case of fits.json or lbfgs.json is fitted on.
struct GoldenData {
  Matrix<double> x;
  Target y;
  std::vector<double> sample_weight;
};

/// data_iris.json or data_breast_cancer.json.
GoldenData golden_data_set(const std::string& name);
/// The data of a case: "data", "X_factor" and "sample_weight".
GoldenData data_of(const Json& golden_case);

ParamValue param_value(const Json& value);
/// Sets every parameter of a JSON object.
void set_all(Estimator& estimator, const Json& params);

}  // namespace skarma::test
