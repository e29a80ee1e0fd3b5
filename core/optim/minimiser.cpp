#include <skarma/core/optim/minimiser.hpp>

#include <algorithm>
#include <cmath>

namespace skarma {

double largest_component(std::span<const double> v) {
  double result = 0.0;
  for (const double x : v) {
    if (std::isnan(x)) return x;
    result = std::max(result, std::abs(x));
  }
  return result;
}

}  // namespace skarma
