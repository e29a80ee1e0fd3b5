#pragma once

#include <array>
#include <optional>
#include <string_view>

#include <skarma/core/net/functions.hpp>

namespace skarma {

/// What a loss compares the outputs of a row with: one class number, or for each output 0 or 1, or
/// a number.
enum class TargetKind { code, labels, numbers };

/// What becomes of the losses of a row's outputs. Rows are averaged, whatever the loss.
enum class Reduction { sum, mean };

/// One row of the table of losses. The link is the activation of the output; with it log losses and
/// Poisson's have delta = output - target, as the squared error has.
struct Loss {
  std::string_view name;  // scikit-learn's, of its networks or of other estimators
  std::string_view link;  // scikit-learn's out_activation_
  TargetKind targets;
  Reduction reduction;
  LossFunction function;                               // link, loss and delta in one
  std::optional<ActivationFunction> elementwise_link;  // nullopt: softmax, of whole rows
};

inline constexpr std::array kLosses = {
    Loss{"log_loss", "softmax", TargetKind::code, Reduction::sum, kSoftmaxLog, {}},
    Loss{"binary_log_loss", "logistic", TargetKind::labels, Reduction::sum, kLogisticLog,
         kLogistic},
    Loss{"squared_error", "identity", TargetKind::numbers, Reduction::mean, kSquaredError,
         kIdentity},
    Loss{"poisson", "exp", TargetKind::numbers, Reduction::sum, kPoisson, kExp},
    // Ours: Huber's (Annals of Mathematical Statistics 35, 1964), squared up to a residual of 1.
    Loss{"huber", "identity", TargetKind::numbers, Reduction::sum, kHuber, kIdentity},
    Loss{"absolute_error", "identity", TargetKind::numbers, Reduction::sum, kAbsoluteError,
         kIdentity},
    Loss{"log_cosh", "identity", TargetKind::numbers, Reduction::sum, kLogCosh, kIdentity},
};

/// The row with this name, or null.
constexpr const Loss* find_loss(std::string_view name) {
  for (const Loss& row : kLosses) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

}  // namespace skarma
