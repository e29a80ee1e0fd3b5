#include <skarma/core/optim/minimiser.hpp>

#include <algorithm>
#include <cmath>

#include <skarma/core/base/internal/check.hpp>

namespace skarma {

Minimiser::Event Minimiser::next() {
  if (phase_ == Phase::iterated) finish_iteration();
  while (phase_ == Phase::told) take_told();
  switch (phase_) {
    case Phase::asking:
      return Event::evaluate;
    case Phase::iterated:
      return Event::iterated;
    default:
      return Event::ended;
  }
}

void Minimiser::tell(double value) {
  SKARMA_CHECK(phase_ == Phase::asking);
  phase_ = Phase::told;
  hear(value);
}

void Minimiser::end(MinimiserStatus status) {
  status_ = status;
  phase_ = Phase::ended;
}

double largest_component(std::span<const double> v) {
  double result = 0.0;
  for (const double x : v) {
    if (std::isnan(x)) return x;
    result = std::max(result, std::abs(x));
  }
  return result;
}

}  // namespace skarma
