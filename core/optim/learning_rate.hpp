#pragma once

#include <cstdint>
#include <limits>
#include <string>

namespace skarma {

/// The learning rate of one fit and its schedule: scikit-learn's `learning_rate`, or a Schedule.
struct LearningRate {
  std::string schedule = "constant";  // "constant", "invscaling", "adaptive" or a Schedule's text
  double initial = 1e-3;
  double power_t = 0.5;
  double current = initial;
  // Of a Schedule:
  std::int64_t n_epochs = 1;  // in all
  std::int64_t epoch = 0;     // from 0, the one that comes next
  double best = std::numeric_limits<double>::infinity();
  std::int64_t n_worse = 0;  // epochs in a row that were no better

  /// To be called before the first epoch of so many.
  void start(std::int64_t epochs);
  /// To be called after each epoch: invscaling lowers the rate with the samples seen so far, a
  /// schedule goes on. What is watched, the lower the better, counts as better by more than `tol`.
  void after_epoch(std::int64_t samples_seen, double watched = 0.0, double tol = 0.0);
  /// Another rate from now on, from which a schedule goes on.
  void set(double rate);
  /// Training stalls. adaptive divides the rate by 5 and goes on (false) until the rate is at most
  /// 1e-6; everything else agrees to stop (true).
  bool agrees_to_stop();
};

}  // namespace skarma
