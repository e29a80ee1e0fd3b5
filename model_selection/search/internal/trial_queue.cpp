#include <skarma/model_selection/search/internal/trial_queue.hpp>

namespace skarma {

std::size_t TrialQueue::next(std::span<Trial> trials) {
  std::unique_lock lock(mutex_);
  while (!is_closed()) {
    if (const std::size_t n = source_.ask(trials); n > 0) {
      n_running_ += n;
      return n;
    }
    if (n_running_ == 0 || source_.most_left() == 0) break;
    told_.wait(lock, stop_, [this, n = n_told_] { return closed_ || n_told_ != n; });
  }
  return 0;
}

void TrialQueue::finished(const Trial& trial, const FitResult& result) {
  const std::lock_guard lock(mutex_);
  --n_running_;
  ++n_told_;
  source_.tell(trial, result);
  told_.notify_all();
}

void TrialQueue::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  told_.notify_all();
}

}  // namespace skarma
