#pragma once

#include <cstddef>
#include <span>
#include <stop_token>

#include <skarma/core/base/sample_view.hpp>
#include <skarma/core/net/network_spec.hpp>
#include <skarma/core/net/targets.hpp>

namespace skarma {

/// The squared error of a network on all samples, which solver 'lm' minimises by its trained
/// parameters: the mean over the samples, by their weights, of half the squared residuals of all
/// outputs and of the penalty alpha / 2 * sum of w^2. In double, on this processor, whatever the
/// device, by the formulas of the device 'reference'; a block of rows at a time.
class LeastSquares {
 public:
  /// How many parameters a network may have here: the matrix of all pairs takes 200 MB then.
  static constexpr std::size_t kMostParameters = 5000;

  /// The loss is a squared error, no layer looks at other rows, weights are at least 0. Throws
  /// std::domain_error for weights that sum to zero.
  LeastSquares(NetworkSpec spec, const SampleView& samples, Targets<double> targets, double alpha);

  /// Throws Cancelled after a stop request, heard between blocks.
  double value(std::span<const double> parameters, const std::stop_token& stop) const;
  /// The same with the gradient and with J'J (Levenberg-Marquardt's curvature, row by row from the
  /// diagonal on); both are 0 for what is frozen.
  double derivatives(std::span<const double> parameters, std::span<double> gradient,
                     std::span<double> curvature, const std::stop_token& stop) const;
  /// Of a value at `parameters` scikit-learn's loss, which divides the residuals' part by the
  /// number of outputs.
  double loss(double value, std::span<const double> parameters) const;

 private:
  double penalty(std::span<const double> parameters) const;

  NetworkSpec spec_;
  SampleView samples_;
  Targets<double> targets_;
  double alpha_;
  double weight_;  // what a mean divides by
};

}  // namespace skarma
