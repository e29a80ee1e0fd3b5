#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include <skarma/core/engine/device_abi.h>
#include <skarma/core/base/column_transform.hpp>
#include <skarma/core/base/internal/check.hpp>
#include <skarma/core/net/loss.hpp>
#include <skarma/core/net/node.hpp>
#include <skarma/core/net/score_kind.hpp>

// What the numbers of device_abi.h mean here: enumerators are equal, names are places in a list.

namespace skarma {

static_assert(SKARMA_INPUT == static_cast<int>(Operation::input) &&
              SKARMA_DENSE == static_cast<int>(Operation::dense) &&
              SKARMA_ACTIVATE == static_cast<int>(Operation::activation) &&
              SKARMA_BATCH_NORM == static_cast<int>(Operation::batch_norm) &&
              SKARMA_DROPOUT == static_cast<int>(Operation::dropout) &&
              SKARMA_ADD == static_cast<int>(Operation::add) &&
              SKARMA_NOISE == static_cast<int>(Operation::noise) &&
              SKARMA_LAYER_NORM == static_cast<int>(Operation::layer_norm) &&
              SKARMA_ALPHA_DROPOUT == static_cast<int>(Operation::alpha_dropout) &&
              SKARMA_MAXOUT == static_cast<int>(Operation::maxout) &&
              SKARMA_CONV2D == static_cast<int>(Operation::conv2d) &&
              SKARMA_MAX_POOL == static_cast<int>(Operation::max_pool) &&
              SKARMA_AVERAGE_POOL == static_cast<int>(Operation::average_pool) &&
              SKARMA_RESCALE_VALUES == static_cast<int>(Operation::rescale) &&
              SKARMA_FLATTEN == static_cast<int>(Operation::flatten) &&
              SKARMA_FLATTEN + 1 ==
                  static_cast<int>(Operation::custom));  // of this processor alone
static_assert(SKARMA_IDENTITY == int{kIdentity} && SKARMA_LOGISTIC == int{kLogistic} &&
              SKARMA_TANH == int{kTanh} && SKARMA_RELU == int{kRelu} && SKARMA_EXP == int{kExp} &&
              SKARMA_GELU == int{kGelu} && SKARMA_GELU_TANH == int{kGeluTanh} &&
              SKARMA_SILU == int{kSilu} && SKARMA_MISH == int{kMish} &&
              SKARMA_LEAKY_RELU == int{kLeakyRelu} && SKARMA_ELU == int{kElu} &&
              SKARMA_SELU == int{kSelu} && SKARMA_SOFTPLUS == int{kSoftplus} &&
              SKARMA_SOFTSIGN == int{kSoftsign} && SKARMA_HARD_TANH == int{kHardTanh} &&
              SKARMA_HEAVISIDE == int{kHeaviside} &&
              SKARMA_HEAVISIDE + 1 == int{kActivationFunctions});
static_assert(SKARMA_SOFTMAX_LOG == int{kSoftmaxLog} && SKARMA_LOGISTIC_LOG == int{kLogisticLog} &&
              SKARMA_SQUARED_ERROR == int{kSquaredError} && SKARMA_POISSON_LOSS == int{kPoisson} &&
              SKARMA_HUBER == int{kHuber} && SKARMA_ABSOLUTE_ERROR == int{kAbsoluteError} &&
              SKARMA_LOG_COSH == int{kLogCosh} &&
              SKARMA_SMOOTHED_SOFTMAX_LOG == int{kSmoothedSoftmaxLog} &&
              SKARMA_SMOOTHED_LOGISTIC_LOG == int{kSmoothedLogisticLog} &&
              SKARMA_HINGE == int{kHinge} && SKARMA_BINARY_HINGE == int{kBinaryHinge} &&
              SKARMA_SQUARED_HINGE == int{kSquaredHinge} &&
              SKARMA_BINARY_SQUARED_HINGE == int{kBinarySquaredHinge} &&
              SKARMA_FOCAL == int{kFocal} && SKARMA_BINARY_FOCAL == int{kBinaryFocal} &&
              SKARMA_SOFTMAX_SQUARED == int{kSoftmaxSquared} &&
              SKARMA_LOGISTIC_SQUARED == int{kLogisticSquared} &&
              SKARMA_QUANTILE == int{kQuantile} && SKARMA_GAMMA_LOSS == int{kGammaLoss} &&
              SKARMA_TWEEDIE == int{kTweedie} && SKARMA_TWEEDIE + 1 == int{kLossFunctions});
static_assert(SKARMA_RIGHT_ROWS == int{kRightRows} &&
              SKARMA_SQUARED_ERRORS == int{kSquaredErrors} &&
              SKARMA_ABSOLUTE_ERRORS == int{kAbsoluteErrors} &&
              SKARMA_LOG_LOSSES == int{kLogLosses} && SKARMA_LOG_LOSSES + 1 == int{kScoreKinds});
static_assert(SKARMA_STANDARDISE == static_cast<int>(ColumnTransform::Kind::standardise) &&
              SKARMA_RESCALE == static_cast<int>(ColumnTransform::Kind::rescale));
static_assert(kBatchNormEpsilon == 1e-5 && kBatchNormMomentum == 0.1 &&
              kLayerNormEpsilon == 1e-5);  // device_abi.h names them

/// By SKARMA_COEFS ... SKARMA_VARIANCE.
inline constexpr std::array<std::string_view, SKARMA_VARIANCE + 1> kSlotNames = {
    "coefs", "intercepts", "gamma", "beta", "mean", "variance"};
/// By SKARMA_SGD ... SKARMA_GD.
inline constexpr std::array<std::string_view, SKARMA_GD + 1> kRuleNamesByCode = {
    "sgd",     "adam",  "rmsprop", "adamw", "adagrad", "adadelta",
    "amsgrad", "nadam", "lion",    "rprop", "gd"};

template <std::size_t n>
std::int32_t code_of(const std::array<std::string_view, n>& names, std::string_view name) {
  const auto place = std::find(names.begin(), names.end(), name);
  SKARMA_CHECK(place != names.end());
  return static_cast<std::int32_t>(place - names.begin());
}

template <std::size_t n>
std::string_view name_of(const std::array<std::string_view, n>& names, std::int32_t code) {
  SKARMA_CHECK(code >= 0 && static_cast<std::size_t>(code) < n);
  return names[static_cast<std::size_t>(code)];
}

template <class T>
inline constexpr std::int32_t kTypeCode =
    std::is_same_v<T, double> ? SKARMA_FLOAT64 : SKARMA_FLOAT32;

}  // namespace skarma
