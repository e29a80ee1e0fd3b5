#include <skarma/model_selection/search/exhaustive_source.hpp>

#include <algorithm>
#include <limits>
#include <numeric>
#include <random>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include <skarma/core/base/internal/check.hpp>

namespace skarma {

ExhaustiveSource::ExhaustiveSource(ParamSets candidates, std::size_t n_folds)
    : candidates_(std::move(candidates)), n_folds_(n_folds) {
  const std::size_t n_candidates = candidates_.size();
  if (n_folds == 0 || n_candidates <= std::numeric_limits<std::size_t>::max() / n_folds) return;
  throw std::invalid_argument(
      fmt::format("{} candidates on {} folds are more fits than can be counted: give fewer values.",
                  n_candidates, n_folds));
}

void ExhaustiveSource::start_with_longest(const std::vector<double>& expected_work) {
  SKARMA_CHECK(n_given_ == 0 && expected_work.size() == candidates_.size());
  if (shuffled_.empty()) order_.emplace(expected_work, n_folds_);
}

void ExhaustiveSource::shuffle(std::uint32_t seed) {
  SKARMA_CHECK(n_given_ == 0 && !order_);
  shuffled_.resize(n_fits());
  std::iota(shuffled_.begin(), shuffled_.end(), std::size_t{0});
  std::shuffle(shuffled_.begin(), shuffled_.end(), std::mt19937(seed));
}

std::size_t ExhaustiveSource::next_job() {
  const std::size_t number = n_given_++;
  if (order_) return order_->next();
  return shuffled_.empty() ? number : shuffled_[number];
}

std::size_t ExhaustiveSource::ask(std::span<Trial> trials) {
  std::size_t n = 0;
  while (n < trials.size() && most_left() > 0) {
    const std::size_t job = next_job();
    trials[n] = {.candidate = job / n_folds_, .fold = job % n_folds_};
    if (!is_left_out_ || !is_left_out_(trials[n])) ++n;
  }
  return n;
}

void ExhaustiveSource::tell(const Trial& trial, const FitResult& result) {
  if (order_) order_->finished(trial.candidate * n_folds_ + trial.fold, result.fit_time);
}

}  // namespace skarma
