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

  Event next() override;
  std::span<const double> point() const override { return trial_.x; }
  std::span<double> gradient() override { return trial_.gradient; }
  void tell(double value) override;
  void cancel() override { end(MinimiserStatus::cancelled); }

  int n_iter() const override { return n_iter_; }
  double value() const override { return current_.value; }
  const std::vector<double>& x() const override { return current_.x; }
  MinimiserResult result() const override {
    return {status_, n_iter_, n_evaluations_, current_.value};
  }

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
  enum class Phase { asking, told, iterated, ended };

  void begin();
  void begin_search();
  void take_trial();
  void finish_iteration();
  void propose();
  void search_failed();
  std::optional<MinimiserStatus> reason_to_stop() const;
  void end(MinimiserStatus status);

  MinimiserLimits limits_;
  Point current_;
  Point trial_;
  Step step_;
  LbfgsDirection direction_;
  std::optional<MoreThuente> search_;  // nullopt before the first
  Phase phase_ = Phase::asking;
  bool last_is_trial_ = true;  // the point that was evaluated last; else it is the current one
  int n_iter_ = 0;
  int n_evaluations_ = 0;
  MinimiserStatus status_ = MinimiserStatus::cancelled;
};

}  // namespace skarma
