#pragma once

#include <array>
#include <string_view>

#include <skarma/core/kernels/kernel_table.hpp>

namespace skarma {

/// One row of the table of losses. The output activation belongs to the loss, so that
/// delta = output - target for every one of them.
struct Loss {
  std::string_view name;               // scikit-learn's loss
  std::string_view output_activation;  // scikit-learn's out_activation_
  kernels::LossKernel kernel;
  kernels::ActivationKernel activation;  // of the output; softmax has a kernel of its own
  bool targets_are_codes;                // one class number a row instead of one value an output
};

inline constexpr std::array kLosses = {
    Loss{"log_loss", "softmax", kernels::kSoftmaxLog, kernels::kActivationKernels, true},
    Loss{"log_loss", "logistic", kernels::kLogisticLog, kernels::kLogistic, false},
    Loss{"squared_error", "identity", kernels::kSquaredError, kernels::kIdentity, false},
    Loss{"poisson", "exp", kernels::kPoisson, kernels::kExp, false},
};

/// The row with this output activation, or null.
constexpr const Loss* find_loss(std::string_view output_activation) {
  for (const Loss& row : kLosses) {
    if (row.output_activation == output_activation) return &row;
  }
  return nullptr;
}

}  // namespace skarma
