#pragma once

#include <skarma/estimators/mlp/internal/training_settings.hpp>
#include <skarma/estimators/nn/sequential.hpp>

namespace skarma::nn {

/// The settings of a network of the estimators that is trained so.
TrainingSettings settings_for(const Optimizer& optimizer, const FitSettings& fit);

/// Both throw std::invalid_argument for the first figure outside of its range.
void check_optimizer(const Optimizer& optimizer);
void check_fit(const FitSettings& settings);

}  // namespace skarma::nn
