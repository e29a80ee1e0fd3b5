#include <skarma/core/engine/score_sums.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

#include <skarma/core/base/internal/check.hpp>

namespace skarma {
namespace {

/// One row of outputs beside its targets: a code, or values.
struct ComparedRow {
  std::span<const double> outputs;
  const std::int32_t* code;
  const double* values;

  ComparedRow(const Targets<double>& targets, const Matrix<double>& all, std::size_t row)
      : outputs(all.row(row)),
        code(targets.codes.empty() ? nullptr : &targets.codes[row]),
        values(targets.values.data() + row * all.cols()) {}

  bool is_right() const {
    if (code != nullptr) {
      return std::ranges::max_element(outputs) - outputs.begin() == std::ptrdiff_t{*code};
    }
    return std::ranges::equal(outputs, std::span(values, outputs.size()),
                              [](double p, double y) { return (p > 0.5 ? 1.0 : 0.0) == y; });
  }
  double log_loss(double epsilon) const {
    const auto of = [&](double p) { return -std::log(std::clamp(p, epsilon, 1.0 - epsilon)); };
    if (code != nullptr) return of(outputs[static_cast<std::size_t>(*code)]);
    double sum = 0.0;
    for (std::size_t j = 0; j < outputs.size(); ++j) {
      sum += of(values[j] != 0.0 ? outputs[j] : 1.0 - outputs[j]);
    }
    return sum;
  }
  double term(ScoreKind kind, std::size_t output, double epsilon) const {
    if (kind == kRightRows) return is_right() ? 1.0 : 0.0;
    if (kind == kLogLosses) return log_loss(epsilon);
    const double error = values[output] - outputs[output];
    return kind == kSquaredErrors ? error * error : std::abs(error);
  }
};

}  // namespace

std::size_t n_sums(ScoreKind kind, std::size_t n_outputs) {
  return kind == kRightRows || kind == kLogLosses ? 1 : n_outputs;
}

void check_score(const ScoreJob& job, bool has_codes, std::size_t n_outputs,
                 std::size_t n_samples) {
  const Targets<double>& targets = *job.targets;
  SKARMA_CHECK(job.kind < kScoreKinds);
  SKARMA_CHECK(targets.weights.empty() || targets.weights.size() == n_samples);
  if (!has_codes) {
    SKARMA_CHECK(targets.codes.empty() && targets.values.size() == n_samples * n_outputs);
    return;
  }
  SKARMA_CHECK(targets.values.empty() && targets.codes.size() == n_samples);
  SKARMA_CHECK(job.kind == kRightRows || job.kind == kLogLosses);
  const auto n_codes = static_cast<std::int32_t>(n_outputs);
  const std::int32_t first = job.kind == kRightRows ? -1 : 0;
  SKARMA_CHECK(std::ranges::all_of(targets.codes,
                                   [&](std::int32_t c) { return c >= first && c < n_codes; }));
}

std::vector<double> score_sums(const ScoreJob& job, const Matrix<double>& outputs, double epsilon) {
  std::vector<double> sums(n_sums(job.kind, outputs.cols()));
  const auto& weights = job.targets->weights;
  for (std::size_t i = 0; i < outputs.rows(); ++i) {
    const ComparedRow row(*job.targets, outputs, i);
    const double weight = weights.empty() ? 1.0 : weights[i];
    for (std::size_t j = 0; j < sums.size(); ++j)
      sums[j] += weight * row.term(job.kind, j, epsilon);
  }
  return sums;
}

}  // namespace skarma
