#pragma once

#include <memory>
#include <span>

namespace skarma {

/// The search direction d = -H g of limited-memory BFGS with 10 pairs (Liu and Nocedal, Math.
/// Programming 45, 1989), computed by dlib's lbfgs_search_strategy. Points and gradients have one
/// size for life.
class LbfgsDirection {
 public:
  LbfgsDirection();
  ~LbfgsDirection();

  /// Goes to x with the gradient g. The step there and the change of the gradient along it become
  /// the newest pair; if their product s'y is not positive, all pairs are dropped.
  void move(std::span<const double> x, std::span<const double> g);
  /// Goes to x with the gradient g and keeps the pairs as they are.
  void skip(std::span<const double> x, std::span<const double> g);
  /// Drops all pairs: the direction is steepest descent.
  void forget();
  bool has_history() const;

  /// A vector and what it is to be multiplied by.
  struct Scaled {
    std::span<const double> values;
    double factor;
  };
  /// The direction at the present point, valid until the next call that is not const. Without pairs
  /// it is -g; NaN if g'g overflows, as in SciPy's L-BFGS-B.
  Scaled direction() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace skarma
