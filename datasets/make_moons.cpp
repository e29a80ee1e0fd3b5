#include <skarma/datasets/make_moons.hpp>

#include <cmath>
#include <numbers>
#include <random>
#include <span>
#include <stdexcept>

#include <fmt/format.h>

#include <skarma/core/base/random_state.hpp>

namespace skarma {
namespace {

/// numpy.linspace(0, pi, n)[i]
double angle(std::size_t i, std::size_t n) {
  if (n == 1) return 0.0;
  if (i + 1 == n) return std::numbers::pi;
  return static_cast<double>(i) * (std::numbers::pi / static_cast<double>(n - 1));
}

struct Point {
  double x;
  double y;
  int moon;
};

/// The points in order, without noise: all of the upper moon, then all of the lower.
std::vector<Point> moons(std::size_t n_samples) {
  const std::size_t n_upper = n_samples / 2;
  const std::size_t n_lower = n_samples - n_upper;
  std::vector<Point> points;
  for (std::size_t i = 0; i < n_upper; ++i) {
    const double a = angle(i, n_upper);
    points.push_back({std::cos(a), std::sin(a), 0});
  }
  for (std::size_t i = 0; i < n_lower; ++i) {
    const double a = angle(i, n_lower);
    points.push_back({1.0 - std::cos(a), 1.0 - std::sin(a) - 0.5, 1});
  }
  return points;
}

}  // namespace

Dataset make_moons(const MoonsOptions& options) {
  if (!(options.noise >= 0.0)) {
    throw std::invalid_argument(
        fmt::format("The noise of make_moons must be 0 or more, got {}.", options.noise));
  }
  RandomState random(options.random_state ? *options.random_state
                                          : static_cast<std::uint32_t>(std::random_device{}()));
  std::vector<Point> points = moons(options.n_samples);
  if (options.shuffle) random.shuffle(std::span(points));

  Dataset data;
  data.name = "moons";
  data.description = "Two interleaving half circles.";
  data.feature_names = {"x1", "x2"};
  data.target_names = {"upper", "lower"};
  data.x = Matrix<double>(points.size(), 2);
  std::vector<int> labels;
  for (std::size_t i = 0; i < points.size(); ++i) {
    data.x(i, 0) = points[i].x;
    data.x(i, 1) = points[i].y;
    labels.push_back(points[i].moon);
    if (options.noise == 0.0) continue;
    for (double& value : data.x.row(i)) value += options.noise * random.gauss();
  }
  data.y = std::move(labels);
  return data;
}

}  // namespace skarma
