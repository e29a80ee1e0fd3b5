#pragma once

#include <skarma/estimators/mlp/mlp_params.hpp>
#include <skarma/estimators/params/parameter_table.hpp>

namespace skarma {

/// scikit-learn 1.9.1's parameters of its MLPs with their domains and defaults.
const ParameterTable<MLPClassifierParams>& mlp_classifier_parameters();
const ParameterTable<MLPRegressorParams>& mlp_regressor_parameters();

}  // namespace skarma
