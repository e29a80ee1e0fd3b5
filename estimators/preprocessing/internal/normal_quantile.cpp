#include <skarma/estimators/preprocessing/internal/normal_quantile.hpp>

#include <cmath>
#include <limits>
#include <numbers>

namespace skarma {

double normal_quantile(double probability) {
  // In the lower tail, where erfc is exact to rounding.
  if (probability > 0.5) return -normal_quantile(1.0 - probability);
  if (probability <= 0.0) return -std::numeric_limits<double>::infinity();
  const double t = std::sqrt(-2.0 * std::log(probability));
  double x = (2.515517 + t * (0.802853 + t * 0.010328)) /
                 (1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308))) -
             t;
  for (int step = 0; step < 4; ++step) {
    const double below = 0.5 * std::erfc(-x / std::numbers::sqrt2);
    const double density = std::exp(-0.5 * x * x) / std::sqrt(2.0 * std::numbers::pi);
    const double newton = (below - probability) / density;
    x -= newton / (1.0 + 0.5 * x * newton);  // Halley's correction
  }
  return x;
}

}  // namespace skarma
