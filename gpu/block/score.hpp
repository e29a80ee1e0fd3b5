#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

#include <skarma/core/net/score_kind.hpp>
#include <skarma/gpu/block/block.hpp>

namespace skarma::gpu {

/// What all samples of a job are compared with: codes, or values of shape (n, n_outputs). Weights
/// may be null.
struct ScoreTargets {
  const std::int32_t* codes;
  const double* values;
  const double* weights;
};

/// How sums are made of outputs, of which there are `n_outputs` a row.
struct BlockScore {
  ScoreTargets targets;
  ScoreKind kind;
  Count n_outputs, n_sums;
  double* sums;  // to which each row adds
};

/// Whether all that a row's outputs say is right.
template <class T>
SKARMA_PORTABLE bool is_right(const BlockScore& score, const T* outputs, std::size_t sample) {
  const Count n = score.n_outputs;
  if (score.targets.codes != nullptr) {
    Count largest = 0;
    for (Count j = 1; j < n; ++j) largest = outputs[largest] < outputs[j] ? j : largest;
    return static_cast<std::int32_t>(largest) == score.targets.codes[sample];
  }
  bool all = true;
  for (Count j = 0; j < n; ++j) {
    const double label = outputs[j] > static_cast<T>(0.5) ? 1.0 : 0.0;
    all = all && label == score.targets.values[sample * n + j];
  }
  return all;
}

/// -log(p) of a probability of a network of type T.
template <class T>
SKARMA_PORTABLE double clipped_log_loss(double p) {
  constexpr double epsilon{std::numeric_limits<T>::epsilon()};
  return -std::log(p < epsilon ? epsilon : p > 1.0 - epsilon ? 1.0 - epsilon : p);
}

template <class T>
SKARMA_PORTABLE double row_log_loss(const BlockScore& score, const T* outputs, std::size_t sample) {
  if (score.targets.codes != nullptr) {
    return clipped_log_loss<T>(static_cast<double>(outputs[score.targets.codes[sample]]));
  }
  double sum = 0.0;
  for (Count j = 0; j < score.n_outputs; ++j) {
    const double p = static_cast<double>(outputs[j]);
    const bool is_one = score.targets.values[sample * score.n_outputs + j] != 0.0;
    sum += clipped_log_loss<T>(is_one ? p : 1.0 - p);
  }
  return sum;
}

/// What the outputs of a row add to sum number `j`.
template <class T>
SKARMA_PORTABLE double score_term(const BlockScore& score, const T* outputs, std::size_t sample,
                                  Count j) {
  switch (score.kind) {
    case kRightRows:
      return is_right(score, outputs, sample) ? 1.0 : 0.0;
    case kLogLosses:
      return row_log_loss(score, outputs, sample);
    case kSquaredErrors:
    case kAbsoluteErrors:
    case kScoreKinds:
      break;
  }
  const double error =
      score.targets.values[sample * score.n_outputs + j] - static_cast<double>(outputs[j]);
  return score.kind == kSquaredErrors ? error * error : std::abs(error);
}

/// Terms that a block has in its memory at once.
inline constexpr Count kTermsAtOnce = 256;

/// Adds the terms of `n` rows to the sums, one row after another: the order depends neither on the
/// block nor on how rows are dealt out to calls. Those that are not `finite` add NaN.
template <class T, Block B>
SKARMA_PORTABLE void add_score(B& block, const BlockScore& score, const T* outputs,
                               const std::uint8_t* finite, std::size_t first_sample, Count n,
                               double* terms) {
  const Count all = score.n_sums;
  const Count columns = all < kTermsAtOnce ? all : kTermsAtOnce, rows = kTermsAtOnce / columns;
  for (Count first_column = 0; first_column < all; first_column += columns) {
    const Count left = all - first_column, some = left < columns ? left : columns;
    for (Count first_row = 0; first_row < n; first_row += rows) {
      const Count rest = n - first_row, of_rows = rest < rows ? rest : rows;
      each(block, of_rows * some, [&](Count i) {
        const std::size_t row = first_row + i / some, sample = first_sample + row;
        const double* weights = score.targets.weights;
        const double term =
            score_term(score, outputs + row * score.n_outputs, sample, first_column + i % some);
        const double weight = weights == nullptr ? 1.0 : weights[sample];
        terms[i] = finite[row] != 0 ? weight * term : std::numeric_limits<double>::quiet_NaN();
      });
      each(block, some, [&](Count j) {
        double sum = score.sums[first_column + j];
        for (Count r = 0; r < of_rows; ++r) sum += terms[r * some + j];
        score.sums[first_column + j] = sum;
      });
    }
  }
}

}  // namespace skarma::gpu
