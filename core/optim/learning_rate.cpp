#include <skarma/core/optim/learning_rate.hpp>

#include <cmath>

#include <skarma/core/optim/schedule.hpp>

namespace skarma {
namespace {

/// As torch.optim.lr_scheduler.ReduceLROnPlateau: lowers the rate after more than `patience` epochs
/// that were no better.
void watch(LearningRate& rate, const Schedule& schedule, double watched, double tol) {
  if (watched < rate.best - tol) {
    rate.best = watched;
    rate.n_worse = 0;
  } else if (static_cast<double>(++rate.n_worse) > schedule.argument("patience")) {
    rate.current *= schedule.argument("factor");
    rate.n_worse = 0;
  }
}

}  // namespace

void LearningRate::start(std::int64_t epochs) {
  n_epochs = epochs;
  if (Schedule::is_one(schedule)) {
    current = initial * Schedule::parse(schedule).factor(0, n_epochs);
  }
}

void LearningRate::after_epoch(std::int64_t samples_seen, double watched, double tol) {
  if (schedule == "invscaling") {
    current = initial / std::pow(static_cast<double>(samples_seen + 1), power_t);
  } else if (Schedule::is_one(schedule)) {
    const Schedule going = Schedule::parse(schedule);
    ++epoch;
    if (going.watches()) return watch(*this, going, watched, tol);
    current = initial * going.factor(epoch, n_epochs);
  }
}

void LearningRate::set(double rate) {
  initial *= current > 0.0 ? rate / current : 1.0;
  current = rate;
}

bool LearningRate::agrees_to_stop() {
  if (schedule != "adaptive" || current <= 1e-6) return true;
  current /= 5.0;
  return false;
}

}  // namespace skarma
