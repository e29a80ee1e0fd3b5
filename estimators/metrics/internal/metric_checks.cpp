#include <skarma/estimators/metrics/internal/metric_checks.hpp>

#include <cmath>
#include <stdexcept>
#include <string_view>

#include <fmt/format.h>

#include <skarma/core/base/all_finite.hpp>
#include <skarma/estimators/internal/input_checks.hpp>

namespace skarma {
namespace {

std::string_view type_name(TargetType type) {
  switch (type) {
    case TargetType::binary:
      return "binary";
    case TargetType::multiclass:
      return "multiclass";
    case TargetType::continuous:
      return "continuous";
    case TargetType::multilabel:
      return "multilabel-indicator";
    case TargetType::continuous_multioutput:
      break;
  }
  return "continuous-multioutput";
}

void check_same_outputs(std::size_t truth, std::size_t predicted) {
  if (truth == predicted) return;
  throw std::invalid_argument(
      fmt::format("y_true and y_pred have different number of output ({}!={})", truth, predicted));
}

/// A network that has diverged predicts what no figure can be made of.
void check_finite(MatrixView<const double> predicted) {
  if (all_finite(predicted)) return;
  for (std::size_t i = 0; i < predicted.rows(); ++i) {
    for (const double p : predicted.row(i)) {
      if (std::isnan(p)) throw std::invalid_argument("Input contains NaN.");
      if (std::isfinite(p)) continue;
      throw std::invalid_argument(
          "Input contains infinity or a value too large for dtype('float64').");
    }
  }
}

}  // namespace

void check_same_samples(std::size_t truth, std::size_t predicted,
                        std::span<const double> sample_weight) {
  check_not_all_zero(sample_weight);
  const bool weighted = !sample_weight.empty();
  if (truth == predicted && (!weighted || sample_weight.size() == truth)) return;
  throw std::invalid_argument(
      fmt::format("Found input variables with inconsistent numbers of samples: [{}, {}{}]", truth,
                  predicted, weighted ? fmt::format(", {}", sample_weight.size()) : ""));
}

void check_same_shape(MatrixView<const double> truth, MatrixView<const double> predicted,
                      std::span<const double> sample_weight) {
  check_same_samples(truth.rows(), predicted.rows(), sample_weight);
  check_same_outputs(truth.cols(), predicted.cols());
  check_finite(predicted);
}

void check_labels(const Target& truth, const Target& predicted,
                  std::span<const double> sample_weight) {
  check_same_samples(truth.n_samples(), predicted.n_samples(), sample_weight);
  if (truth.has_labels() && predicted.has_labels()) return;
  const auto a = truth.type();
  const auto b = predicted.type();
  if (a != b) {
    throw std::invalid_argument(
        fmt::format("Classification metrics can't handle a mix of {} and {} targets", type_name(a),
                    type_name(b)));
  }
  if (a != TargetType::multilabel) {
    throw std::invalid_argument(fmt::format("{} is not supported", type_name(a)));
  }
  check_same_outputs(truth.n_outputs(), predicted.n_outputs());
}

void check_probabilities(const Target& truth, MatrixView<const double> proba,
                         std::span<const double> sample_weight) {
  check_same_samples(truth.n_samples(), proba.rows(), sample_weight);
  check_finite(proba);
  if (truth.has_labels()) return;
  if (truth.type() != TargetType::multilabel) {
    throw std::invalid_argument(fmt::format("{} format is not supported", type_name(truth.type())));
  }
  check_same_outputs(truth.n_outputs(), proba.cols());
}

}  // namespace skarma
