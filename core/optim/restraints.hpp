#pragma once

namespace skarma {

/// What restrains training beside alpha's penalty and the update rule. 0 is none of it.
struct Restraints {
  double l1 = 0.0;  // l1 times the sum of |w| over all penalised w is added to a sum of losses
  double clip_value = 0.0;  // no component of the gradient is larger
  double clip_norm = 0.0;   // nor is the gradient of all trained parameters longer
  double max_norm = 0.0;    // nor, after a step, the vector of weights that a unit reads by

  bool are_there() const {
    return l1 > 0.0 || clip_value > 0.0 || clip_norm > 0.0 || max_norm > 0.0;
  }
  bool operator==(const Restraints&) const = default;
};

/// What is added to the norm that a gradient is divided by, as in torch.nn.utils.clip_grad_norm_.
inline constexpr double kClipNormEpsilon = 1e-6;

/// The derivative of l1 |w| that leaves least of the whole one: at 0, where it may be any number
/// within +-l1, a weight stays unless the rest of its gradient is larger (the pseudo-gradient of
/// OWL-QN, Andrew and Gao, ICML 2007).
template <class T>
constexpr T l1_slope(T l1, T w, T gradient) {
  if (w > 0) return l1;
  if (w < 0) return -l1;
  return gradient > l1 ? -l1 : gradient < -l1 ? l1 : -gradient;
}

/// Where a step ends that the sign of the weight before was part of: 0 where the sign has changed.
/// From 0 it goes against the gradient or not at all.
template <class T>
constexpr T within_orthant(T before, T after, T gradient) {
  const bool leaves = before > 0   ? after < 0
                      : before < 0 ? after > 0
                                   : before == 0 && after * gradient >= 0;
  return leaves ? T(0) : after;
}

}  // namespace skarma
