#pragma once

#include <optional>
#include <span>
#include <vector>

#include <skarma/core/optim/lbfgs_direction.hpp>
#include <skarma/core/optim/line_search.hpp>

namespace skarma {

/// When a minimisation ends. The defaults are scikit-learn's.
struct LbfgsLimits {
  int max_iter = 200;
  int max_fun = 15000;         // looked at between iterations
  double gradient_tol = 1e-4;  // on the largest component of the gradient
};

enum class LbfgsStatus { converged, max_iter, max_fun, line_search_failed, cancelled };

struct LbfgsResult {
  LbfgsStatus status;
  int n_iter;
  int n_evaluations;  // of distinct points
  double value;       // f at the returned x
};

/// A minimisation that is asked and told, so that its evaluations may be done with those of others:
/// dlib's direction, More-Thuente's search, and the tests of SciPy's L-BFGS-B in their order, so
/// that the iterates are scikit-learn's while rounding allows. Call next() until it has ended:
///   evaluate: put the gradient at point() into gradient() and tell() the value there;
///   iterated: nothing is wanted; n_iter() and value() have moved on.
/// A failed search leaves x() at the last accepted point; so does cancel().
class Lbfgs {
 public:
  enum class Event { evaluate, iterated, ended };

  Lbfgs(std::vector<double> start, const LbfgsLimits& limits);

  Event next();
  std::span<const double> point() const { return trial_.x; }
  std::span<double> gradient() { return trial_.gradient; }
  void tell(double value);
  /// Ends it; an evaluation that was asked for is forgotten.
  void cancel() { end(LbfgsStatus::cancelled); }

  int n_iter() const { return n_iter_; }
  /// f at x(); NaN before the first evaluation.
  double value() const { return current_.value; }
  const std::vector<double>& x() const { return current_.x; }
  /// Valid once it has ended.
  LbfgsResult result() const { return {status_, n_iter_, n_evaluations_, current_.value}; }

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
  std::optional<LbfgsStatus> reason_to_stop() const;
  void end(LbfgsStatus status);

  LbfgsLimits limits_;
  Point current_;
  Point trial_;
  Step step_;
  LbfgsDirection direction_;
  std::optional<MoreThuente> search_;  // nullopt before the first
  Phase phase_ = Phase::asking;
  bool last_is_trial_ = true;  // the point that was evaluated last; else it is the current one
  int n_iter_ = 0;
  int n_evaluations_ = 0;
  LbfgsStatus status_ = LbfgsStatus::cancelled;
};

}  // namespace skarma
