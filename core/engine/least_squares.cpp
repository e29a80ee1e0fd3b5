#include <skarma/core/engine/least_squares.hpp>

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <utility>
#include <vector>

#include <skarma/core/base/errors.hpp>
#include <skarma/core/base/internal/check.hpp>
#include <skarma/core/reference/least_squares_formulas.hpp>

namespace skarma {
namespace {

constexpr std::size_t kJacobianAtOnce = std::size_t{1} << 20;  // numbers: 8 MB
constexpr std::size_t kMostRows = 1024;

double sum_of_weights(const Targets<double>& targets) {
  const auto& weights = targets.weights;
  if (weights.empty()) return static_cast<double>(targets.n_samples());
  SKARMA_CHECK(std::ranges::all_of(weights, [](double w) { return w >= 0.0; }));
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  if (sum == 0.0) throw std::domain_error("Weights sum to zero, can't be normalized");
  return sum;
}

/// Adds up the squares of all samples, block by block.
void add_all_squares(const NetworkSpec& spec, std::span<const double> parameters,
                     const SampleView& samples, const Targets<double>& targets,
                     const std::stop_token& stop, reference::SquareSums& sums) {
  const std::size_t row_size = spec.n_trained() * spec.n_outputs();
  const std::size_t most = std::clamp<std::size_t>(kJacobianAtOnce / row_size, 1, kMostRows);
  for (std::size_t begin = 0; begin < samples.n_samples(); begin += most) {
    if (stop.stop_requested()) throw Cancelled("The fit was stopped.");
    std::vector<RowIndex> positions(std::min(most, samples.n_samples() - begin));
    std::iota(positions.begin(), positions.end(), static_cast<RowIndex>(begin));
    Matrix<double> x(positions.size(), samples.n_features());
    samples.gather(begin, positions.size(), x.data());
    reference::add_squares(spec, parameters, x, targets.at(positions), sums);
  }
}

}  // namespace

LeastSquares::LeastSquares(NetworkSpec spec, const SampleView& samples, Targets<double> targets,
                           double alpha)
    : spec_(std::move(spec)),
      samples_(samples),
      targets_(std::move(targets)),
      alpha_(alpha),
      weight_(sum_of_weights(targets_)) {
  SKARMA_CHECK(samples_.n_samples() == targets_.n_samples());
  SKARMA_CHECK(spec_.n_trained() <= kMostParameters && spec_.n_trained() == spec_.n_parameters());
}

double LeastSquares::value(std::span<const double> parameters, const std::stop_token& stop) const {
  reference::SquareSums sums;
  add_all_squares(spec_, parameters, samples_, targets_, stop, sums);
  return sums.value / weight_ + penalty(parameters);
}

double LeastSquares::derivatives(std::span<const double> parameters, std::span<double> gradient,
                                 std::span<double> curvature, const std::stop_token& stop) const {
  const std::size_t n = spec_.n_trained();
  std::ranges::fill(gradient, 0.0);
  std::ranges::fill(curvature, 0.0);
  reference::SquareSums sums{0.0, gradient, curvature};
  add_all_squares(spec_, parameters, samples_, targets_, stop, sums);
  for (const ParameterRun& run : spec_.runs()) {
    for (std::size_t i = run.begin; run.penalised && i < run.end; ++i) {
      gradient[i] += alpha_ * parameters[i];
      curvature[i * n + i] += alpha_;
    }
  }
  for (const auto& [begin, end] : spec_.frozen()) {
    for (std::size_t i = begin; i < end; ++i) {
      gradient[i] = 0.0;
      for (std::size_t j = 0; j < n; ++j) curvature[std::min(i, j) * n + std::max(i, j)] = 0.0;
    }
  }
  for (double& v : gradient) v /= weight_;
  for (double& v : curvature) v /= weight_;
  return sums.value / weight_ + penalty(parameters);
}

double LeastSquares::loss(double value, std::span<const double> parameters) const {
  if (spec_.loss().reduction != Reduction::mean || spec_.n_outputs() == 1) return value;
  const double own = penalty(parameters);
  return (value - own) / static_cast<double>(spec_.n_outputs()) + own;
}

double LeastSquares::penalty(std::span<const double> parameters) const {
  double squares = 0.0;
  for (const ParameterRun& run : spec_.runs()) {
    for (std::size_t i = run.begin; run.penalised && i < run.end; ++i) {
      squares += parameters[i] * parameters[i];
    }
  }
  return 0.5 * alpha_ * squares / weight_;
}

}  // namespace skarma
