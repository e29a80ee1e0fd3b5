#pragma once

#include <span>
#include <vector>

namespace skarma {

/// When a minimisation ends. The defaults are scikit-learn's.
struct MinimiserLimits {
  int max_iter = 200;
  int max_fun = 15000;         // looked at between iterations
  double gradient_tol = 1e-4;  // on the largest component of the gradient
};

enum class MinimiserStatus { converged, max_iter, max_fun, line_search_failed, cancelled };

struct MinimiserResult {
  MinimiserStatus status;
  int n_iter;
  int n_evaluations;  // of distinct points
  double value;       // f at the returned x
};

/// The largest component by size; NaN if there is one.
double largest_component(std::span<const double> v);

/// A minimisation that is asked and told, so that its evaluations may be done with those of others.
/// Call next() until it has ended:
///   evaluate: put the gradient at point() into gradient() and tell() the value there;
///   iterated: nothing is wanted; n_iter() and value() have moved on.
/// A step that cannot be found leaves x() at the last accepted point; so does cancel().
class Minimiser {
 public:
  enum class Event { evaluate, iterated, ended };

  virtual ~Minimiser() = default;

  Event next();
  virtual std::span<const double> point() const = 0;
  virtual std::span<double> gradient() = 0;
  void tell(double value);
  /// Ends it; an evaluation that was asked for is forgotten.
  void cancel() { end(MinimiserStatus::cancelled); }

  int n_iter() const { return n_iter_; }
  /// f at x(); NaN before the first evaluation.
  virtual double value() const = 0;
  virtual const std::vector<double>& x() const = 0;
  /// Valid once it has ended.
  MinimiserResult result() const { return {status_, n_iter_, n_evaluations_, value()}; }

 protected:
  enum class Phase { asking, told, iterated, ended };

  /// The value at point() has come.
  virtual void hear(double value) = 0;
  /// Goes on after it, and after an iteration, to another phase; from told, it may stay there.
  virtual void take_told() = 0;
  virtual void finish_iteration() = 0;
  void end(MinimiserStatus status);

  Phase phase_ = Phase::asking;
  int n_iter_ = 0;
  int n_evaluations_ = 0;

 private:
  MinimiserStatus status_ = MinimiserStatus::cancelled;
};

}  // namespace skarma
