#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <skarma/core/base/custom_functions.hpp>
#include <skarma/core/net/functions.hpp>
#include <skarma/core/net/named_number.hpp>

namespace skarma {

/// What a loss compares the outputs of a row with: one class number, or for each output 0 or 1, or
/// a number.
enum class TargetKind { code, labels, numbers };

/// What becomes of the losses of a row's outputs. Rows are averaged, whatever the loss.
enum class Reduction { sum, mean };

/// What the last layer's values become: scikit-learn's out_activation_, and an activation of each,
/// or else what whole rows are linked by.
struct Link {
  std::string_view name;
  std::optional<ActivationFunction> elementwise{};
  RowLink rows = kSoftmaxLink;
};

inline constexpr Link kIdentityLink{"identity", kIdentity};
inline constexpr Link kLogisticLink{"logistic", kLogistic};
inline constexpr Link kExpLink{"exp", kExp};
inline constexpr Link kSoftmaxRows{"softmax"};
inline constexpr Link kPlainRows{"identity", {}, kPlainLink};
inline constexpr Link kOrderedRows{"ordered", {}, kOrderedLink};

/// One row of the table of losses. With the link that goes with it log losses and Poisson's have
/// delta = output - target, as the squared error has.
struct Loss {
  std::string_view name;  // scikit-learn's, of its networks or of other estimators
  Link link;
  TargetKind targets;
  LossFunction function;  // link, loss and delta in one
  NamedNumber number{};
  Reduction reduction = Reduction::sum;
};

inline constexpr std::array kLosses = {
    Loss{"log_loss", kSoftmaxRows, TargetKind::code, kSoftmaxLog},
    Loss{"binary_log_loss", kLogisticLink, TargetKind::labels, kLogisticLog},
    Loss{"squared_error", kIdentityLink, TargetKind::numbers, kSquaredError, {}, Reduction::mean},
    Loss{"poisson", kExpLink, TargetKind::numbers, kPoisson},
    // Ours: Huber's (Annals of Mathematical Statistics 35, 1964), squared up to residuals of delta.
    Loss{"huber", kIdentityLink, TargetKind::numbers, kHuber, {"delta", 1.0, 0.0, true}},
    Loss{"absolute_error", kIdentityLink, TargetKind::numbers, kAbsoluteError},
    Loss{"log_cosh", kIdentityLink, TargetKind::numbers, kLogCosh},
    // Half the deviances of gamma's and Tweedie's distributions.
    Loss{"gamma", kExpLink, TargetKind::numbers, kGammaLoss},
    Loss{"tweedie", kExpLink, TargetKind::numbers, kTweedie, {"power", 1.5, 1.0}},
    // The pinball loss (Koenker and Bassett, Econometrica 46, 1978), averaged over quantiles, which
    // do not cross.
    Loss{"quantile", kOrderedRows, TargetKind::numbers, kQuantile, {"quantile", 0.5}},
    // Of classifiers, of several classes and of labels 0 and 1. Log losses whose targets are moved
    // to their mean by a share (Szegedy et al., CVPR 2016).
    Loss{"smoothed_log_loss",
         kSoftmaxRows,
         TargetKind::code,
         kSmoothedSoftmaxLog,
         {"smoothing", 0.1}},
    Loss{"binary_smoothed_log_loss",
         kLogisticLink,
         TargetKind::labels,
         kSmoothedLogisticLog,
         {"smoothing", 0.1}},
    // max(0, 1 - margin), where the margin is from the largest other score (Crammer and Singer,
    // JMLR 2, 2001), or the score times -1 or 1; and its square.
    Loss{"hinge", kPlainRows, TargetKind::code, kHinge},
    Loss{"binary_hinge", kIdentityLink, TargetKind::labels, kBinaryHinge},
    Loss{"squared_hinge", kPlainRows, TargetKind::code, kSquaredHinge},
    Loss{"binary_squared_hinge", kIdentityLink, TargetKind::labels, kBinarySquaredHinge},
    // The log loss times (1 - p)^gamma (Lin et al., ICCV 2017).
    Loss{"focal", kSoftmaxRows, TargetKind::code, kFocal, {"gamma", 2.0}},
    Loss{"binary_focal", kLogisticLink, TargetKind::labels, kBinaryFocal, {"gamma", 2.0}},
    // Half the squared distance of probabilities from 0 and 1 (Brier, 1950).
    Loss{"class_squared_error", kSoftmaxRows, TargetKind::code, kSoftmaxSquared},
    Loss{"binary_squared_error", kLogisticLink, TargetKind::labels, kLogisticSquared},
};

/// What stands in the place of a row for a loss of a user's own, by its link. No table of kernels
/// has its function.
inline constexpr std::array kCustomLosses = {
    Loss{"custom", kIdentityLink, TargetKind::numbers, kLossFunctions},
    Loss{"custom", kLogisticLink, TargetKind::numbers, kLossFunctions},
    Loss{"custom", kExpLink, TargetKind::numbers, kLossFunctions},
    Loss{"custom", kSoftmaxRows, TargetKind::numbers, kLossFunctions},
};

/// A row with the numbers that go with it: the one that it takes, for quantile one an output in
/// rising order, or none.
struct LossChoice {
  const Loss* row;
  std::vector<double> numbers;
  /// Where it is there, the losses of a row's outputs are averaged, and their derivatives with
  /// them, and multiplied with this: Keras's losses.
  std::optional<double> mean_factor{};
  std::shared_ptr<const CustomLoss> custom{};  // with a row of kCustomLosses

  LossChoice(const Loss& loss) : LossChoice(loss, {}) {
    if (!loss.number.name.empty()) numbers = {loss.number.value};
  }
  LossChoice(const Loss& loss, std::vector<double> chosen)
      : row(&loss), numbers(std::move(chosen)) {}

  /// What the row's losses and its derivatives are multiplied with. A row whose losses are averaged
  /// already sums their derivatives (Loss).
  double value_factor(std::size_t n_outputs) const {
    return row->reduction == Reduction::mean ? mean_factor.value_or(1.0) : delta_factor(n_outputs);
  }
  double delta_factor(std::size_t n_outputs) const {
    return mean_factor ? *mean_factor / static_cast<double>(n_outputs) : 1.0;
  }
};

/// The row with this name, or null.
constexpr const Loss* find_loss(std::string_view name) {
  for (const Loss& row : kLosses) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

/// Of the loss that users name so for several classes, the row for labels 0 and 1.
const Loss& binary_loss(std::string_view name);

/// Throws std::invalid_argument for a target that the loss cannot have.
void check_targets(const LossChoice& loss, std::span<const double> targets);

/// Reads "huber", "huber(1.5)" or "huber(delta=1.5)", of the losses that take one number. Throws
/// std::invalid_argument, which says what it takes.
LossChoice parse_loss(std::string_view text);

}  // namespace skarma
