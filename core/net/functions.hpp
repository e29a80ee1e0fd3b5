#pragma once

// It includes nothing: kernels are compiled for instruction sets of their own.

namespace skarma {

/// The activations of hidden layers and outputs, and the losses with their links, as devices know
/// them: places in their tables. activation.hpp and loss.hpp name them for users.
enum ActivationFunction {
  kIdentity,
  kLogistic,
  kTanh,
  kRelu,
  kExp,
  kGelu,
  kGeluTanh,
  kSilu,
  kMish,
  kLeakyRelu,
  kElu,
  kSelu,
  kSoftplus,
  kSoftsign,
  kHardTanh,
  kHeaviside,
  kActivationFunctions
};
enum LossFunction {
  kSoftmaxLog,
  kLogisticLog,
  kSquaredError,
  kPoisson,
  kHuber,
  kAbsoluteError,
  kLogCosh,
  kLossFunctions
};

/// The constants of selu (Klambauer et al., NIPS 2017): its scale, and alpha times that.
inline constexpr double kSeluScale = 1.0507009873554805;
inline constexpr double kSeluAlphaScale = 1.7580993408473769;

}  // namespace skarma
