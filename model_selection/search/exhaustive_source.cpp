#include <skarma/model_selection/search/exhaustive_source.hpp>

#include <algorithm>
#include <limits>
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
  order_.emplace(expected_work, n_folds_);
}

std::size_t ExhaustiveSource::ask(std::span<Trial> trials) {
  const std::size_t n = std::min(trials.size(), most_left());
  for (Trial& trial : trials.first(n)) {
    const std::size_t job = order_ ? order_->next() : n_given_;
    ++n_given_;
    trial = {.candidate = job / n_folds_, .fold = job % n_folds_};
  }
  return n;
}

void ExhaustiveSource::tell(const Trial& trial, const FitResult& result) {
  if (order_) order_->finished(trial.candidate * n_folds_ + trial.fold, result.fit_time);
}

}  // namespace skarma
