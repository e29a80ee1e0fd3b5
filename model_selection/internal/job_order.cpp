#include <skarma/model_selection/internal/job_order.hpp>

#include <skarma/core/base/internal/check.hpp>

namespace skarma {

JobOrder::JobOrder(std::vector<double> expected_work, std::size_t n_folds) : n_folds_(n_folds) {
  for (const double work : expected_work) {
    open_.emplace(work, candidates_.size());
    candidates_.push_back({.expected = work, .work = work});
  }
}

std::size_t JobOrder::next() {
  const std::lock_guard lock(mutex_);
  SKARMA_CHECK(!open_.empty());
  const std::size_t number = open_.begin()->second;
  Candidate& candidate = candidates_[number];
  const std::size_t fold = candidate.n_started++;
  if (candidate.n_started == n_folds_) open_.erase(open_.begin());
  return number * n_folds_ + fold;
}

void JobOrder::finished(std::size_t job, double seconds) {
  const std::lock_guard lock(mutex_);
  const std::size_t number = job / n_folds_;
  Candidate& candidate = candidates_[number];
  ++candidate.n_finished;
  candidate.seconds += seconds;
  all_seconds_ += seconds;
  all_expected_ += candidate.expected;
  if (candidate.n_started == n_folds_ || all_seconds_ <= 0.0) return;
  // Its mean time, in the unit of what was expected of all that have finished.
  const double work =
      candidate.seconds / static_cast<double>(candidate.n_finished) * all_expected_ / all_seconds_;
  // The node moves, so that no want of memory can lose a candidate.
  auto node = open_.extract({candidate.work, number});
  node.value().first = candidate.work = work;
  open_.insert(std::move(node));
}

}  // namespace skarma
