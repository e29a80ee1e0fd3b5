#include <skarma/core/reference/activation_formulas.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace skarma::reference {
namespace {

template <class T>
using Mat = arma::Mat<T>;

/// The standard normal distribution's.
template <class T>
Mat<T> normal_cdf(Mat<T> z) {
  return z.transform([](T v) { return std::erfc(-v / std::sqrt(T(2))) / 2; });
}

template <class T>
const T kGeluTanhScale = static_cast<T>(std::sqrt(2 / arma::datum::pi));

template <class T>
Mat<T> gelu_tanh_argument(const Mat<T>& z) {
  return kGeluTanhScale<T> * (z + T(0.044715) * arma::pow(z, 3));
}

template <class T>
Mat<T> softplus(Mat<T> z) {
  return z.transform([](T v) { return std::max(v, T(0)) + std::log1p(std::exp(-std::abs(v))); });
}

/// What z times a share of z between 0 and 1 is computed from. Below -100 nothing is left of z:
/// infinity times 0 would be NaN.
template <class T>
Mat<T> not_below(const Mat<T>& z) {
  return arma::clamp(z, T(-100), std::numeric_limits<T>::infinity());
}

}  // namespace

template <class T>
arma::Mat<T> activated(const Activation& activation, const Mat<T>& z) {
  Mat<T> a = z;
  const Mat<T> x = not_below(z);
  const auto number = static_cast<T>(activation.number);
  switch (activation.function) {
    case kIdentity:
      return z;
    case kLogistic:
      return 1 / (1 + arma::exp(-z));
    case kTanh:
      return arma::tanh(z);
    case kRelu:
      return a.transform([](T v) { return v < 0 ? T(0) : v; });
    case kExp:
      return arma::exp(z);
    case kGelu:
      return x % normal_cdf(x);
    case kGeluTanh:
      return x % (1 + arma::tanh(gelu_tanh_argument(x))) / 2;
    case kSilu:
      return x / (1 + arma::exp(-x));
    case kMish:
      return x % arma::tanh(softplus(x));
    case kLeakyRelu:
      return a.transform([=](T v) {  // 0 may not meet an infinity
        return v < 0 ? number * std::max(v, std::numeric_limits<T>::lowest()) : v;
      });
    case kElu:
      return a.transform([=](T v) { return v > 0 ? v : number * std::expm1(v); });
    case kSelu:
      return a.transform(
          [](T v) { return v > 0 ? T(kSeluScale) * v : T(kSeluAlphaScale) * std::expm1(v); });
    case kSoftplus:
      return softplus(z);
    case kSoftsign:
      return a.transform(
          [](T v) { return std::isinf(v) ? std::copysign(T(1), v) : v / (1 + std::abs(v)); });
    case kHardTanh:
      return arma::clamp(z, T(-1), T(1));
    case kHeaviside:
      return a.transform([](T v) { return v < 0 ? T(0) : v >= 0 ? T(1) : v; });
    case kActivationFunctions:
      break;
  }
  throw std::logic_error("an activation without a formula");
}

template <class T>
arma::Mat<T> derivative(const Activation& activation, const Mat<T>& z, Mat<T> a) {
  const auto number = static_cast<T>(activation.number);
  switch (activation.function) {
    case kIdentity:
      return a.ones();
    case kLogistic:
      return a % (1 - a);
    case kTanh:
      return 1 - arma::square(a);
    case kRelu:
      return a.transform([](T v) { return v == 0 ? T(0) : T(1); });
    case kExp:
      return a;
    case kGelu:
      return normal_cdf(z) +
             z % arma::exp(-arma::square(z) / 2) / T(std::sqrt(2 * arma::datum::pi));
    case kGeluTanh: {
      const Mat<T> tanh = arma::tanh(gelu_tanh_argument(z));
      const Mat<T> slope = kGeluTanhScale<T> * (1 + 3 * T(0.044715) * arma::square(z));
      return (1 + tanh) / 2 + z % (1 - arma::square(tanh)) % slope / 2;
    }
    case kSilu: {
      const Mat<T> s = 1 / (1 + arma::exp(-z));
      return s % (1 + z % (1 - s));
    }
    case kMish: {
      const Mat<T> tanh = arma::tanh(softplus(z));
      return tanh + z % (1 - arma::square(tanh)) / (1 + arma::exp(-z));
    }
    case kLeakyRelu:
      return a.transform([=](T v) { return v > 0 ? T(1) : number; });
    case kElu:
      return a.transform([=](T v) { return v > 0 ? T(1) : v + number; });
    case kSelu:
      return a.transform([](T v) { return v > 0 ? T(kSeluScale) : v + T(kSeluAlphaScale); });
    case kSoftplus:
      return 1 / (1 + arma::exp(-z));
    case kSoftsign:
      return 1 / arma::square(1 + arma::abs(z));
    case kHardTanh:
      return a.transform([](T v) { return std::abs(v) < 1 ? T(1) : T(0); });
    case kHeaviside:
      return a.zeros();
    case kActivationFunctions:
      break;
  }
  throw std::logic_error("an activation without a derivative");
}

template arma::Mat<float> activated<float>(const Activation&, const arma::Mat<float>&);
template arma::Mat<double> activated<double>(const Activation&, const arma::Mat<double>&);
template arma::Mat<float> derivative<float>(const Activation&, const arma::Mat<float>&,
                                            arma::Mat<float>);
template arma::Mat<double> derivative<double>(const Activation&, const arma::Mat<double>&,
                                              arma::Mat<double>);

}  // namespace skarma::reference
