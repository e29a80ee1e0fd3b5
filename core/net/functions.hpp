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

}  // namespace skarma
