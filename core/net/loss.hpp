#pragma once

#include <array>
#include <optional>
#include <string_view>

#include <skarma/core/kernels/kernel_table.hpp>

namespace skarma {

/// What a loss compares the outputs of a row with: one class number, or one value an output.
enum class TargetKind { code, values };

/// What becomes of the losses of a row's outputs. Rows are averaged, whatever the loss.
enum class Reduction { sum, mean };

/// One row of the table of losses. The link, the activation of the output, belongs to the loss, so
/// that delta = output - target for every one of them.
struct Loss {
  std::string_view name;  // scikit-learn's
  std::string_view link;  // scikit-learn's out_activation_
  TargetKind targets;
  Reduction reduction;
  kernels::LossKernel kernel;                                 // link, loss and delta in one
  std::optional<kernels::ActivationKernel> elementwise_link;  // nullopt: softmax, of whole rows
};

inline constexpr std::array kLosses = {
    Loss{"log_loss", "softmax", TargetKind::code, Reduction::sum, kernels::kSoftmaxLog, {}},
    Loss{"binary_log_loss", "logistic", TargetKind::values, Reduction::sum, kernels::kLogisticLog,
         kernels::kLogistic},
    Loss{"squared_error", "identity", TargetKind::values, Reduction::mean, kernels::kSquaredError,
         kernels::kIdentity},
    Loss{"poisson", "exp", TargetKind::values, Reduction::sum, kernels::kPoisson, kernels::kExp},
};

/// The row with this name, or null.
constexpr const Loss* find_loss(std::string_view name) {
  for (const Loss& row : kLosses) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

}  // namespace skarma
