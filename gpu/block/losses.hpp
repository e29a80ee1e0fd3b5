#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

#include <skarma/gpu/block/block.hpp>
#include <skarma/gpu/block/functions.hpp>

// Links and losses, one row of outputs at a time.

namespace skarma::gpu {

/// z (n) = softmax(z).
template <class T>
SKARMA_PORTABLE void softmax(T* z, std::size_t n) {
  T largest = z[0];
  for (std::size_t j = 1; j < n; ++j) largest = z[j] > largest ? z[j] : largest;
  T total = 0;
  for (std::size_t j = 0; j < n; ++j) total += z[j] = std::exp(z[j] - largest);
  for (std::size_t j = 0; j < n; ++j) z[j] /= total;
}

/// Each is more than the one before it by its softplus.
template <class T>
SKARMA_PORTABLE void put_in_order(T* z, std::size_t n) {
  for (std::size_t j = 1; j < n; ++j) z[j] = z[j - 1] + activated(kSoftplus, z[j]);
}

/// A probability away from 0 and 1, as the logarithm wants it.
template <class T>
SKARMA_PORTABLE double clipped(T p) {
  constexpr T epsilon = std::numeric_limits<T>::epsilon();
  return static_cast<double>(p < epsilon ? epsilon : p > 1 - epsilon ? 1 - epsilon : p);
}

/// max(0, lack)^power, where a margin lacks that to 1, and its derivative.
template <class T>
SKARMA_PORTABLE double hinge_loss(T lack, int power) {
  const double v = static_cast<double>(lack <= 0 ? T(0) : lack);
  return power == 1 ? v : v * v;
}
template <class T>
SKARMA_PORTABLE T hinge_slope(T lack, int power) {
  if (lack <= 0) return 0;
  return power == 1 ? (lack > 0 ? T(1) : lack) : 2 * lack;  // NaN stays NaN
}

/// -(1 - p)^gamma log(p) of a clipped p, and p times its derivative by p.
SKARMA_PORTABLE inline double focal_loss(double p, double gamma) {
  return -std::pow(1 - p, gamma) * std::log(p);
}
SKARMA_PORTABLE inline double focal_slope(double p, double gamma) {
  const double power = std::pow(1 - p, gamma);
  return gamma * p * power / (1 - p) * std::log(p) - power;
}

/// Half the deviances of a mean p for a target y.
SKARMA_PORTABLE inline double poisson_loss(double p, double y) {
  return (y == 0 ? 0.0 : y * std::log(y / p)) - y + p;
}
SKARMA_PORTABLE inline double gamma_loss(double p, double y) { return y / p - std::log(y / p) - 1; }
SKARMA_PORTABLE inline double tweedie_loss(double p, double y, double power) {
  if (power == 1) return poisson_loss(p, y);
  if (power == 2) return gamma_loss(p, y);
  const double a = 1 - power, b = 2 - power;
  const double own = y == 0 ? 0.0 : std::pow(y, b) / (a * b);
  return own - y * std::pow(p, a) / a + std::pow(p, b) / b;
}

/// The loss of an output p for a target y, and its derivative by what the link makes p of; `number`
/// is what some losses take.
template <class T>
SKARMA_PORTABLE double element_loss(LossFunction loss, double number, T p, T y, T& delta) {
  const T residual = p - y;
  const double target = static_cast<double>(y);
  const double output = static_cast<double>(p);
  const double size = std::abs(output - target);
  delta = residual;
  switch (loss) {
    case kLogisticLog:
      return -target * std::log(clipped(p)) - (1 - target) * std::log(clipped(T(1 - p)));
    case kSmoothedLogisticLog: {
      const double smooth = target * (1 - number) + number / 2;
      delta = p - static_cast<T>(smooth);
      return -smooth * std::log(clipped(p)) - (1 - smooth) * std::log(clipped(T(1 - p)));
    }
    case kPoisson:
      return poisson_loss(output, target);
    case kGammaLoss:
      delta = 1 - y / p;
      return gamma_loss(output, target);
    case kTweedie:
      delta = static_cast<T>(std::pow(output, 1 - number)) * residual;
      return tweedie_loss(output, target, number);
    case kHuber: {
      const T most = static_cast<T>(number);
      delta = residual < -most ? -most : residual > most ? most : residual;
      return size > number ? number * (size - number / 2) : size * size / 2;
    }
    case kAbsoluteError:
      delta = residual < 0 ? T(-1) : residual > 0 ? T(1) : residual;
      return size;
    case kLogCosh:
      delta = std::tanh(residual);
      return size + std::log1p(std::exp(-2 * size)) - 0.6931471805599453;
    case kBinaryHinge:
    case kBinarySquaredHinge: {
      const int power = loss == kBinaryHinge ? 1 : 2;
      const T sign = 2 * y - 1, lack = 1 - sign * p;
      delta = -hinge_slope(lack, power) * sign;
      return hinge_loss(lack, power);
    }
    case kBinaryFocal: {
      const double c = clipped(y != 0 ? p : T(1 - p));
      const T by_p = static_cast<T>(focal_slope(c, number));
      delta = y != 0 ? by_p * (1 - p) : -by_p * p;
      return focal_loss(c, number);
    }
    case kLogisticSquared:
      delta = residual * (p * (1 - p));
      break;
    default:  // kSquaredError; others are of whole rows
      break;
  }
  return size * size / 2;
}

/// The margin of the right class is from the largest score of another.
template <class T>
SKARMA_PORTABLE double hinge_of_row(T* z, Count n, Count right, int power) {
  Count best = right == 0 ? 1 : 0;
  for (Count j = best + 1; j < n; ++j) {
    if (j != right && z[j] > z[best]) best = j;
  }
  const T lack = 1 + z[best] - z[right];
  for (Count j = 0; j < n; ++j) z[j] = lack == lack ? T(0) : lack;
  z[best] = hinge_slope(lack, power);
  z[right] = -z[best];
  return hinge_loss(lack, power);
}

/// Of rising quantiles q at their levels; its mean over these.
template <class T>
SKARMA_PORTABLE double pinball_of_row(T* q, Count n, const T* y, const double* levels) {
  const double share = 1.0 / static_cast<double>(n);
  double loss = 0.0;
  T by_later = 0;  // the sum of the derivatives by this quantile and later ones
  for (Count j = n; j-- > 0;) {
    const T residual = y[j] - q[j];
    const double slope = residual > 0 ? levels[j] : levels[j] - 1;
    loss += share * (slope * static_cast<double>(residual));
    if (residual != 0) by_later += residual == residual ? static_cast<T>(-share * slope) : residual;
    q[j] = j == 0 ? by_later : -std::expm1(q[j - 1] - q[j]) * by_later;
  }
  return loss;
}

/// Losses of softmax's probabilities p (n) of a row of class number `right`.
template <class T>
SKARMA_PORTABLE double softmax_loss(LossFunction loss, const double* numbers, T* p, Count n,
                                    Count right) {
  const double c = clipped(p[right]);
  if (loss == kSoftmaxLog) {
    p[right] -= 1;
    return -std::log(c);
  }
  if (loss == kFocal) {
    const T by_p = static_cast<T>(focal_slope(c, numbers[0]));
    for (Count j = 0; j < n; ++j) p[j] = by_p * ((j == right ? 1 : 0) - p[j]);
    return focal_loss(c, numbers[0]);
  }
  double total = 0.0;
  if (loss == kSmoothedSoftmaxLog) {
    const double others = numbers[0] / static_cast<double>(n);
    for (Count j = 0; j < n; ++j) {
      const double target = j == right ? 1 - numbers[0] + others : others;
      total -= target * std::log(clipped(p[j]));
      p[j] -= static_cast<T>(target);
    }
    return total;
  }
  T mean = 0;  // kSoftmaxSquared
  for (Count j = 0; j < n; ++j) {
    const T residual = p[j] - (j == right ? 1 : 0);
    total += static_cast<double>(residual) * static_cast<double>(residual) / 2;
    mean += residual * p[j];
  }
  for (Count j = 0; j < n; ++j) p[j] *= p[j] - (j == right ? 1 : 0) - mean;
  return total;
}

}  // namespace skarma::gpu
