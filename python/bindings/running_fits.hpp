#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include <pybind11/pybind11.h>

#include <skarma/model_selection/fit_report.hpp>

namespace skarma::python {

/// A fit that is done, as Python hears of it.
struct DoneFit {
  std::size_t candidate;
  std::size_t fold;
  FitResult result;
  int n_iter;                            // of a network without a pipeline, else 0
  std::unique_ptr<Estimator> estimator;  // null unless somebody wants it
};

/// Fits that somebody else has done, by their numbers: told and asked by several threads.
class LeftOut {
 public:
  explicit LeftOut(std::size_t n_fits) : is_left_out_(n_fits) {}

  /// Throws std::out_of_range for a number that is none of a fit.
  void add(const std::vector<std::size_t>& numbers) {
    const std::lock_guard lock(mutex_);
    for (const std::size_t number : numbers) is_left_out_.at(number) = true;
  }
  bool has(std::size_t number) const {
    const std::lock_guard lock(mutex_);
    return is_left_out_.at(number);
  }

 private:
  mutable std::mutex mutex_;
  std::vector<bool> is_left_out_;
};

/// A search or a cross-validation that runs in threads of its own, none of which touches Python,
/// and hands over its fits as they are done. At its end it asks them to stop, and waits for them.
class RunningFits {
 public:
  /// Does its fits, tells the observer of each, and returns soon after a stop request.
  using Work = std::function<void(const FitObserver& observer, std::stop_token stop)>;

  /// The owner, whose data the work uses, lives as long as this. The estimators of all fits are
  /// handed over, or those of the folds that are to be judged and of scores that went wrong.
  RunningFits(pybind11::object owner, Work work, bool keep_estimators,
              std::vector<bool> judged_folds, std::shared_ptr<LeftOut> left_out = nullptr);
  RunningFits(const RunningFits&) = delete;
  ~RunningFits();

  /// The next fit; null when there are no more. Throws what the work has thrown. With the GIL:
  /// waits without it, and looks for signals.
  std::unique_ptr<DoneFit> next();
  /// Starts none of these any more, where the work looks at `left_out`.
  void leave_out(const std::vector<std::size_t>& numbers) const;
  void close();

 private:
  bool is_judged(const FitReport& report) const;
  void hand_over(const FitReport& report, const std::stop_token& stop);
  void run(const Work& work, const std::stop_token& stop);
  std::unique_ptr<DoneFit> first();

  pybind11::object owner_;
  bool keep_estimators_;
  std::vector<bool> judged_folds_;
  std::shared_ptr<LeftOut> left_out_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::condition_variable has_room_;
  std::deque<std::unique_ptr<DoneFit>> fits_;
  std::size_t n_estimators_ = 0;  // of those in fits_
  bool is_bounded_ = true;
  bool is_done_ = false;
  std::exception_ptr error_;
  std::stop_source stop_;
  std::jthread worker_;  // last: it uses all of the above
};

}  // namespace skarma::python
