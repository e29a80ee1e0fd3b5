#pragma once

#include <cstddef>
#include <string_view>

#include <skarma/core/base/matrix.hpp>
#include <skarma/core/net/network_spec.hpp>
#include <skarma/core/net/targets.hpp>
#include <skarma/estimators/nn/sequential.hpp>

namespace skarma::nn {

/// The loss that Keras, or skarma, calls so. Throws std::invalid_argument, which lists them.
LossChoice loss_called(std::string_view name);

/// Whether it is the name of a loss.
bool is_loss(std::string_view name);

/// Whether its targets are rows that are 1 for the class and 0 for the others.
bool wants_one_hot(std::string_view loss);

/// Targets as the loss of this name, which is the network's, wants them. Throws
/// std::invalid_argument for others.
Targets<double> targets_of(const NetworkSpec& spec, std::string_view loss, const TargetView& y,
                           std::size_t n_samples);

/// The share of rows that are right, by outputs behind the link; NaN for targets that are numbers.
double accuracy_of(const Loss& loss, const Matrix<double>& outputs, const Targets<double>& targets);

}  // namespace skarma::nn
