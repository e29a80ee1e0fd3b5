#pragma once

#include <skarma/core/base/matrix.hpp>
#include <skarma/core/net/loss.hpp>
#include <skarma/core/net/targets.hpp>

namespace skarma {

/// The mean loss of a network's outputs, shape (n_samples, n_outputs), behind the loss's link, by
/// the weights of the targets and without penalties, by the formulas of the device 'reference'.
/// Probabilities are clipped by the epsilon of the network's type. NaN where the weights sum to
/// zero.
double mean_loss(const LossChoice& loss, const Matrix<double>& outputs,
                 const Targets<double>& targets, bool float32 = false);

}  // namespace skarma
