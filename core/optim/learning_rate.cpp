#include <skarma/core/optim/learning_rate.hpp>

#include <cmath>

namespace skarma {

void LearningRate::after_epoch(std::int64_t samples_seen) {
  if (schedule != "invscaling") return;
  current = initial / std::pow(static_cast<double>(samples_seen + 1), power_t);
}

bool LearningRate::agrees_to_stop() {
  if (schedule != "adaptive" || current <= 1e-6) return true;
  current /= 5.0;
  return false;
}

}  // namespace skarma
