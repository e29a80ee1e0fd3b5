#pragma once

#include <span>

#include <skarma/estimators/target.hpp>

namespace skarma {

/// The weighted share of samples whose labels are exactly right (all of them, when there are
/// several outputs). Source: scikit-learn, `accuracy_score`.
double accuracy_score(const Target& truth, const Target& predicted,
                      std::span<const double> sample_weight = {});

/// The coefficient of determination, averaged over the outputs; NaN for fewer than two samples.
/// `truth` and `predicted` have shape (n_samples, n_outputs). Source: scikit-learn, `r2_score`.
double r2_score(MatrixView<const double> truth, MatrixView<const double> predicted,
                std::span<const double> sample_weight = {});

}  // namespace skarma
