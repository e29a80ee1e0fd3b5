#pragma once

#include <memory>
#include <span>

namespace skarma {

/// The search direction d = -H g of limited-memory BFGS with 10 pairs (Liu and Nocedal, Math.
/// Programming 45, 1989), computed by dlib's lbfgs_search_strategy.
class LbfgsDirection {
 public:
  LbfgsDirection();
  ~LbfgsDirection();

  bool has_history() const;
  /// The direction at point x with gradient g. The step from the point of the previous call, and
  /// the change of the gradient along it, become the newest pair. Valid until the next call.
  std::span<const double> at(std::span<const double> x, std::span<const double> g);
  /// Drops all pairs: the next direction is steepest descent.
  void forget();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace skarma
