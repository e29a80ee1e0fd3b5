#include <skarma/python/bindings/running_fits.hpp>

#include <chrono>
#include <system_error>
#include <utility>

#include <skarma/core/base/errors.hpp>
#include <skarma/estimators/mlp/mlp_base.hpp>
#include <skarma/python/bindings/gil.hpp>

namespace py = pybind11;

namespace skarma::python {
namespace {

// Fits may run ahead of whoever takes them by so many.
constexpr std::size_t kMostFits = 4096;
constexpr std::size_t kMostEstimators = 4;
// As many wake the one who takes them, who looks every now and then anyway: fits may be shorter
// than it takes to wake a thread.
constexpr std::size_t kWakingFits = 16;

constexpr auto kLook = std::chrono::milliseconds(50);

}  // namespace

RunningFits::RunningFits(py::object owner, Work work, bool keep_estimators,
                         std::vector<bool> judged_folds, std::shared_ptr<LeftOut> left_out)
    : owner_(std::move(owner)),
      keep_estimators_(keep_estimators),
      judged_folds_(std::move(judged_folds)),
      left_out_(std::move(left_out)) {
  try {
    worker_ = std::jthread([this, work] { run(work, stop_.get_token()); });
  } catch (const std::system_error&) {  // no thread is left: here, and nobody takes meanwhile
    is_bounded_ = false;
    const ReleasedGil released;
    run(work, stop_.get_token());
  }
}

RunningFits::~RunningFits() { close(); }

void RunningFits::run(const Work& work, const std::stop_token& stop) {
  const OngoingWork ongoing(stop_);
  std::exception_ptr error;
  try {
    work([this, &stop](const FitReport& report) { hand_over(report, stop); }, stop);
  } catch (const Cancelled&) {
  } catch (...) {
    error = std::current_exception();
  }
  const std::lock_guard lock(mutex_);
  error_ = error;
  is_done_ = true;
  arrived_.notify_all();
}

bool RunningFits::is_judged(const FitReport& report) const {
  const FitResult& result = report.result;
  if (!result.fit_error.empty()) return false;
  return keep_estimators_ || judged_folds_[report.fold] || !result.well_defined ||
         !result.score_errors.empty();
}

void RunningFits::hand_over(const FitReport& report, const std::stop_token& stop) {
  auto fit = std::make_unique<DoneFit>();
  fit->candidate = report.candidate;
  fit->fold = report.fold;
  fit->result = report.result;
  const auto* const network = dynamic_cast<const MLPBase*>(report.estimator.get());
  fit->n_iter = network != nullptr && network->is_fitted() ? network->n_iter() : 0;
  if (is_judged(report)) fit->estimator = std::move(report.estimator);
  std::unique_lock lock(mutex_);
  const auto may_go_on = [&] {
    const bool room = fits_.size() < kMostFits && n_estimators_ < kMostEstimators;
    return room || !is_bounded_ || stop.stop_requested();
  };
  while (!has_room_.wait_for(lock, kLook, may_go_on)) {  // nobody says that the process ends
  }
  if (fit->estimator) ++n_estimators_;
  fits_.push_back(std::move(fit));
  if (n_estimators_ > 0 || fits_.size() % kWakingFits == 0) arrived_.notify_one();
}

/// Called with mutex_ held.
std::unique_ptr<DoneFit> RunningFits::first() {
  auto fit = std::move(fits_.front());
  fits_.pop_front();
  if (fit->estimator) --n_estimators_;
  has_room_.notify_one();
  return fit;
}

std::unique_ptr<DoneFit> RunningFits::next() {
  const auto ready = [this] { return !fits_.empty() || is_done_; };
  {
    const std::unique_lock lock(mutex_, std::try_to_lock);
    if (lock && !fits_.empty()) return first();
  }
  while (true) {
    {
      const ReleasedGil released;
      std::unique_lock lock(mutex_);
      if (arrived_.wait_for(lock, kLook, ready)) {
        if (fits_.empty()) break;
        return first();
      }
    }
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
  }
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
  return nullptr;
}

void RunningFits::leave_out(const std::vector<std::size_t>& numbers) const {
  if (left_out_) left_out_->add(numbers);
}

void RunningFits::close() {
  if (!worker_.joinable()) return;
  const ReleasedGil released;
  stop_.request_stop();
  {
    const std::lock_guard lock(mutex_);  // whoever waits for room has seen the stop, or will
  }
  has_room_.notify_all();
  worker_.join();
}

}  // namespace skarma::python
