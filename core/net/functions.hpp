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
  kSmoothedSoftmaxLog,
  kSmoothedLogisticLog,
  kHinge,
  kBinaryHinge,
  kSquaredHinge,
  kBinarySquaredHinge,
  kFocal,
  kBinaryFocal,
  kSoftmaxSquared,
  kLogisticSquared,
  kQuantile,
  kGammaLoss,
  kTweedie,
  kLossFunctions
};

/// What becomes of a row of outputs that are not linked one by one: a softmax, the outputs as they
/// are, or sums of the first one and the softplus of the others up to each, which rise.
enum RowLink { kSoftmaxLink, kPlainLink, kOrderedLink };

/// The constants of selu (Klambauer et al., NIPS 2017): its scale, and alpha times that.
inline constexpr double kSeluScale = 1.0507009873554805;
inline constexpr double kSeluAlphaScale = 1.7580993408473769;

}  // namespace skarma
