#include <skarma/model_selection/search/job_order.hpp>

#include <limits>

#include <skarma/core/base/internal/check.hpp>

namespace skarma {

JobOrder::JobOrder(const std::vector<double>& expected_work, std::size_t n_folds)
    : n_folds_(n_folds) {
  const std::size_t n = expected_work.size();
  SKARMA_CHECK(n <= std::numeric_limits<std::uint32_t>::max());
  SKARMA_CHECK(n_folds <= std::numeric_limits<std::uint32_t>::max());
  candidates_.reserve(n);
  first_.resize(2 * n);
  for (std::size_t c = 0; c < n; ++c) {
    candidates_.push_back({.expected = expected_work[c], .work = expected_work[c]});
    first_[n + c] = static_cast<std::uint32_t>(c);
  }
  for (std::size_t node = n; node-- > 1;) place(node);
}

/// Those with folds to start first, then most work, then the first candidate.
bool JobOrder::is_before(std::uint32_t a, std::uint32_t b) const {
  const Candidate& left = candidates_[a];
  const Candidate& right = candidates_[b];
  const bool left_is_open = left.n_started < n_folds_;
  const bool right_is_open = right.n_started < n_folds_;
  if (left_is_open != right_is_open) return left_is_open;
  return left.work != right.work ? left.work > right.work : a < b;
}

void JobOrder::place(std::size_t node) {
  const std::uint32_t left = first_[2 * node];
  const std::uint32_t right = first_[2 * node + 1];
  first_[node] = is_before(left, right) ? left : right;
}

void JobOrder::place_anew(std::size_t candidate) {
  for (std::size_t node = (candidates_.size() + candidate) / 2; node > 0; node /= 2) place(node);
}

std::size_t JobOrder::next() {
  SKARMA_CHECK(!candidates_.empty());
  const std::size_t number = first_[1];
  Candidate& candidate = candidates_[number];
  SKARMA_CHECK(candidate.n_started < n_folds_);
  const std::size_t fold = candidate.n_started++;
  if (candidate.n_started == n_folds_) place_anew(number);
  return number * n_folds_ + fold;
}

void JobOrder::finished(std::size_t job, double seconds) {
  const std::size_t number = job / n_folds_;
  Candidate& candidate = candidates_[number];
  ++candidate.n_finished;
  candidate.seconds += seconds;
  all_seconds_ += seconds;
  all_expected_ += candidate.expected;
  if (candidate.n_started == n_folds_ || all_seconds_ <= 0.0) return;
  // Its mean time, in the unit of what was expected of all that have finished.
  candidate.work =
      candidate.seconds / static_cast<double>(candidate.n_finished) * all_expected_ / all_seconds_;
  place_anew(number);
}

}  // namespace skarma
