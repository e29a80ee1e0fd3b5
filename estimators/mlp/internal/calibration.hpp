#pragma once

#include <skarma/core/base/matrix.hpp>
#include <skarma/core/net/loss.hpp>
#include <skarma/core/net/targets.hpp>

// Temperature scaling (Guo et al., ICML 2017): one number that logits are divided by.

namespace skarma {

/// Logits, shape (n_samples, n_outputs), become probabilities by softmax of whole rows or by the
/// logistic function of each.
void link_at(double temperature, const Link& link, Matrix<double>& logits);

/// The temperature with the least log loss, between 1/1000 and 1000. Targets as the log loss takes
/// them: codes, or 0 and 1 of the shape of the logits.
double best_temperature(const Matrix<double>& logits, const Targets<double>& targets);

}  // namespace skarma
