#pragma once

#include <span>

#include <skarma/core/base/matrix.hpp>
#include <skarma/core/net/network_spec.hpp>
#include <skarma/core/net/targets.hpp>

namespace skarma::reference {

/// Sums over the rows of some samples and the outputs of a network, r a weighted residual and j its
/// derivatives by the trained parameters: half of r^2, and where they are wanted r j and j j',
/// whose places from the diagonal on, row by row, are summed.
struct SquareSums {
  double value = 0.0;
  std::span<double> gradient{};   // n_trained numbers, or none: only the value is summed
  std::span<double> curvature{};  // n_trained^2
};

/// Adds those of the samples `x`, shape (n_samples, n_inputs), of the network as it predicts, with
/// weights of at least 0.
void add_squares(const NetworkSpec& spec, std::span<const double> parameters,
                 const Matrix<double>& x, const Targets<double>& targets, SquareSums& sums);

}  // namespace skarma::reference
