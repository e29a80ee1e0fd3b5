#pragma once

#include <cstdint>
#include <string>

namespace skarma {

/// The learning rate of one fit and its schedule: scikit-learn's `learning_rate`.
struct LearningRate {
  std::string schedule = "constant";  // "constant", "invscaling" or "adaptive"
  double initial = 1e-3;
  double power_t = 0.5;
  double current = initial;

  /// To be called after each epoch: invscaling lowers the rate with the samples seen so far.
  void after_epoch(std::int64_t samples_seen);
  /// Training stalls. adaptive divides the rate by 5 and goes on (false) until the rate is at most
  /// 1e-6; everything else agrees to stop (true).
  bool agrees_to_stop();
};

}  // namespace skarma
