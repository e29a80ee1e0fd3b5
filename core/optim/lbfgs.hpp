#pragma once

#include <optional>
#include <span>
#include <vector>

#include <skarma/core/optim/lbfgs_direction.hpp>
#include <skarma/core/optim/line_search.hpp>
#include <skarma/core/optim/minimiser.hpp>

namespace skarma {

/// L-BFGS: dlib's direction, More-Thuente's search, and the tests of SciPy's L-BFGS-B in their
/// order, so that the iterates are scikit-learn's while rounding allows.
class Lbfgs final : public Minimiser {
 public:
  Lbfgs(std::vector<double> start, const MinimiserLimits& limits);

  std::span<const double> point() const override { return trial_.x; }
  std::span<double> gradient() override { return trial_.gradient; }
  double value() const override { return current_.value; }
  const std::vector<double>& x() const override { return current_.x; }

 private:
  struct Point {
    std::vector<double> x;
    std::vector<double> gradient;
    double value;
  };
  /// A search along the direction d, and where it ended.
  struct Step {
    std::vector<double> d;
    std::vector<double> x;  // where it leads to
    double start_slope = 0.0;
    double length = 0.0;
    double slope = 0.0;

    void aim(const Point& from, const LbfgsDirection::Scaled& direction);
    void go(const Point& from);
    bool has_curvature() const;
  };
  void begin();
  void begin_search();
  void hear(double value) override;
  void take_told() override;
  void finish_iteration() override;
  void propose();
  void search_failed();
  std::optional<MinimiserStatus> reason_to_stop() const;

  MinimiserLimits limits_;
  Point current_;
  Point trial_;
  Step step_;
  LbfgsDirection direction_;
  std::optional<MoreThuente> search_;  // nullopt before the first
  bool last_is_trial_ = true;  // the point that was evaluated last; else it is the current one
};

}  // namespace skarma
