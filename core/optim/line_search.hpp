#pragma once

namespace skarma {

/// One trial of phi(t) = f(x + t d): the step, the value and the slope phi'(t) = g'd.
struct TrialPoint {
  double step;
  double value;
  double slope;
};

/// The line search of More and Thuente (ACM TOMS 20, 1994), with the constants of L-BFGS-B:
/// sufficient decrease 1e-3, curvature 0.9, relative width of the interval 0.1, steps up to 1e10,
/// 20 trials. Ask for step(), evaluate there, tell it to advance(), until it is not searching.
class MoreThuente {
 public:
  enum class Status { searching, accepted, failed };

  /// `value` and `slope` are those at step 0; slope < 0.
  MoreThuente(double value, double slope, double first_step);

  double step() const { return step_; }
  /// Takes the value and slope at step(). When accepted, step() is still the point just evaluated.
  Status advance(double value, double slope);

 private:
  bool acceptable(const TrialPoint& here) const;
  bool interval_exhausted(double step) const;
  void narrow();

  double start_value_;
  double start_slope_;
  double target_slope_;  // sufficient decrease: phi(t) <= phi(0) + t * target_slope
  TrialPoint best_;
  TrialPoint other_;
  double step_;
  double low_;
  double high_;
  double length_ = 1e10;
  double previous_length_ = 2e10;
  bool bracketed_ = false;
  bool first_stage_ = true;
  int trials_ = 0;
};

}  // namespace skarma
