#include <skarma/datasets/make_circles.hpp>

#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include <skarma/datasets/internal/generated.hpp>

namespace skarma {
namespace {

constexpr const char* kCircles = "make_circles";

void draw_circle(Matrix<double>& x, std::size_t first, std::size_t n, double radius) {
  for (std::size_t i = 0; i < n; ++i) {
    const double angle = place_before(2.0 * std::numbers::pi, i, n);
    x(first + i, 0) = std::cos(angle) * radius;
    x(first + i, 1) = std::sin(angle) * radius;
  }
}

}  // namespace

Dataset make_circles(const CirclesOptions& options) {
  require_option(options.noise >= 0.0, kCircles,
                 fmt::format("noise must be 0 or more, got {}", options.noise));
  require_option(options.factor >= 0.0 && options.factor < 1.0, kCircles,
                 fmt::format("factor must be in [0, 1), got {}", options.factor));
  const std::size_t half = options.n_samples / 2;
  const auto [n_outer, n_inner] =
      options.n_samples_of_circles.value_or(std::pair{half, options.n_samples - half});
  RandomState random = generator_of(options.random_state);
  Matrix<double> x(n_outer + n_inner, 2);
  draw_circle(x, 0, n_outer, 1.0);
  draw_circle(x, n_outer, n_inner, options.factor);
  std::vector<int> labels(n_outer, 0);
  labels.resize(x.rows(), 1);
  if (options.shuffle) {
    const auto order = random.permutation(x.rows());
    x = reordered_rows(x, order);
    labels = reordered(labels, order);
  }
  for (std::size_t i = 0; options.noise > 0.0 && i < x.rows(); ++i) {
    for (double& v : x.row(i)) v += options.noise * random.gauss();
  }
  Dataset data;
  data.name = "circles";
  data.description = "A circle inside another.";
  data.x = std::move(x);
  data.feature_names = numbered_features(2);
  data.y = std::move(labels);
  data.target_names = {"outer", "inner"};
  return data;
}

}  // namespace skarma
