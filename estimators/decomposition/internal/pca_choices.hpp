#pragma once

#include <cstddef>
#include <span>
#include <string>

#include <skarma/estimators/params/param_value.hpp>

namespace skarma {

/// What svd_solver='auto' comes to for samples of this shape, by the rules of scikit-learn: its
/// PCA's text on svd_solver.
std::string chosen_solver(const ParamValue& n_components, std::size_t n_samples,
                          std::size_t n_features, bool is_sparse);

/// How many of all components are kept. `variances` and `ratios`, in falling order, are those of
/// all components. `n_components` is right for their number.
std::size_t kept_components(const ParamValue& n_components, std::span<const double> variances,
                            std::span<const double> ratios, std::size_t n_samples);

/// How many components are more likely than any other number, 0 ... n_features - 1. Throws
/// std::invalid_argument where variances are equal. Source: T. P. Minka, Automatic choice of
/// dimensionality for PCA, NIPS 2000.
std::size_t most_likely_dimension(std::span<const double> variances, std::size_t n_samples);

}  // namespace skarma
