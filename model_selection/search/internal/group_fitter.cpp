#include <skarma/model_selection/search/internal/group_fitter.hpp>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <limits>
#include <new>
#include <utility>
#include <vector>

#include <skarma/estimators/internal/prepared_fit.hpp>
#include <skarma/estimators/internal/stopwatch.hpp>
#include <skarma/model_selection/search/internal/expected_work.hpp>

namespace skarma {
namespace {

/// Those that are left to train.
std::vector<PreparedFit*> prepared_of(std::span<const TrialFit> group) {
  std::vector<PreparedFit*> prepared;
  for (const TrialFit& fit : group) {
    if (fit.prepared != nullptr) prepared.push_back(fit.prepared.get());
  }
  return prepared;
}

double seconds_of_scores(const PreparedFit& fit) {
  double sum = 0.0;
  for (const WantedScores& scores : fit.wanted) sum += scores.seconds;
  return sum;
}

}  // namespace

void GroupFitter::fit(std::span<TrialFit> fits, const TakeReport& take) {
  while (!fits.empty()) {
    options_.device = fits.front().placement.device;
    const auto others = std::stable_partition(fits.begin(), fits.end(), [&](const TrialFit& fit) {
      return fit.placement.device == options_.device;
    });
    const auto n = static_cast<std::size_t>(others - fits.begin());
    fit_on_device(fits.first(n), take);
    fits = fits.subspan(n);
  }
  shared_folds_.clear();
}

/// A group that fails is fitted in smaller ones, and a fit alone once more without a group, so that
/// an error is that of the fit that has it.
void GroupFitter::fit_on_device(std::span<TrialFit> fits, const TakeReport& take) {
  std::size_t most = fits.size();
  while (!fits.empty()) {
    const std::size_t n = std::min(most, group_size(fits));
    const auto group = fits.first(n);
    if (!train(group) && n > 1) {
      most = (n + 1) / 2;
      continue;
    }
    for (TrialFit& fit : group) {
      complete(fit);
      fit.report(take);
    }
    most = 2 * n;
    fits = fits.subspan(n);
  }
}

/// What the samples leave of the device's memory, at least half. The largest number where it is
/// unknown: a device that cannot even say so fails its fits, which tell why.
std::uint64_t GroupFitter::memory_for_fits() const {
  std::uint64_t free = 0;
  try {
    free = options_.engine->on(options_.device, 1).capabilities().free_memory;
  } catch (const std::exception&) {
  }
  if (free == 0) return std::numeric_limits<std::uint64_t>::max();
  return free - std::min(free / 2, sample_bytes(folds_.x()));
}

/// How many of the next fits are a group: at least one.
std::size_t GroupFitter::group_size(std::span<const TrialFit> fits) const {
  const std::size_t most = std::min(sizes_.of(options_.device), fits.size());
  std::uint64_t left = memory_for_fits();
  for (std::size_t n = 0; n < most; ++n) {
    const std::uint64_t bytes = fits[n].placement.bytes;
    if (bytes > left) return std::max<std::size_t>(n, 1);
    left -= bytes;
  }
  return most;
}

/// False, and nothing done, where the device has no memory for so many or one of them fails.
bool GroupFitter::train(std::span<TrialFit> group) {
  try {
    prepare_and_train(group);
    return true;
  } catch (const std::bad_alloc&) {
    sizes_.limit(options_.device, (group.size() + 1) / 2);
  } catch (const std::exception&) {  // which the fit throws again when it is alone
  }
  for (TrialFit& fit : group) {
    make_blank(fit.result, options_);
    fit.prepared.reset();
    fit.fold.reset();
    if (fit.unprepared) fit.estimator = std::move(fit.unprepared);
  }
  return false;
}

void GroupFitter::prepare_and_train(std::span<TrialFit> group) {
  for (TrialFit& fit : group) {
    if (options_.stop.stop_requested()) return;
    fit.unprepared = fit.estimator->clone();  // with its generator as it is
    SharedFold& shared = shared_fold(fit.trial.fold);
    fit.fold = shared.fold;
    fit.prepared = prepare_fit(*fit.estimator, *fit.fold, options_, fit.result);
    if (fit.prepared == nullptr) continue;
    ask_for_scores(*fit.estimator, *fit.prepared, *fit.fold, options_, shared.targets);
  }
  const auto prepared = prepared_of(group);
  if (prepared.empty()) return;
  double seconds = 0.0;
  {
    const Stopwatch watch(seconds);
    train_group(options_.engine->on(options_.device, 1), prepared);
  }
  const auto n = static_cast<double>(prepared.size());
  for (TrialFit& fit : group) {
    if (fit.prepared) fit.result.fit_time += seconds / n - seconds_of_scores(*fit.prepared);
  }
}

void GroupFitter::complete(TrialFit& fit) const {
  if (options_.stop.stop_requested()) return;
  if (fit.fold == nullptr) {
    fit_and_score(*fit.estimator, folds_, fit.trial.fold, options_, fit.result);
  } else {
    finish_and_score(*fit.estimator, fit.prepared.get(), *fit.fold, options_, fit.result);
  }
}

GroupFitter::SharedFold& GroupFitter::shared_fold(std::size_t number) {
  SharedFold& shared = shared_folds_[number];
  if (shared.fold == nullptr) shared.fold = std::make_shared<const Fold>(folds_[number]);
  return shared;
}

}  // namespace skarma
