#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include <skarma/core/optim/minimiser.hpp>

namespace skarma {

/// Levenberg and Marquardt's minimisation of f(x), the sum of squares r(x)'r(x) / 2 and of parts
/// whose second derivatives are known. With A = J'J (J the derivatives of r) and those, a step d is
/// (A + mu I) d = -gradient. mu follows the ratio of what a step gains to what its quadratic model
/// promised (Nielsen, 1999). In trials on networks the identity did better than the diagonal of A,
/// which lets weights of units that hardly answer run away. The memory is 2 n^2 numbers for n
/// components.
class LevenbergMarquardt final : public Minimiser {
 public:
  LevenbergMarquardt(std::vector<double> start, const MinimiserLimits& limits);

  std::span<const double> point() const override { return trial_; }
  /// Whether an evaluation is to fill gradient() and curvature(), too, instead of the value alone.
  bool wants_curvature() const { return wants_curvature_; }
  std::span<double> gradient() override { return gradient_; }
  /// A, symmetric, row by row; of each row i the places from i on are used.
  std::span<double> curvature() { return curvature_; }

  double value() const override { return value_; }
  const std::vector<double>& x() const override { return x_; }

 private:
  void hear(double value) override;
  void take_told() override;
  void finish_iteration() override { propose(); }
  void take_curvature();
  void accept(double ratio);
  void reject();
  void propose();
  bool solve();
  bool is_at_start() const { return wants_curvature_ && n_iter_ == 0; }
  std::optional<MinimiserStatus> reason_to_stop() const;

  MinimiserLimits limits_;
  std::vector<double> x_, trial_;
  double value_, trial_value_;
  std::vector<double> gradient_, curvature_;  // at x_
  std::vector<double> factor_, step_;
  double mu_ = 0.0;
  double growth_ = 2.0;    // what mu is multiplied by when the next step fails
  double promised_ = 0.0;  // by the quadratic model of the step
  bool wants_curvature_ = true;
};

}  // namespace skarma
