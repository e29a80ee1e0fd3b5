#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <utility>

#include <skarma/model_selection/internal/fit_and_score.hpp>
#include <skarma/model_selection/search/internal/group_sizes.hpp>
#include <skarma/model_selection/search/internal/trial_fit.hpp>
#include <skarma/model_selection/search/trial_fitter.hpp>

namespace skarma {

/// Trains fits together on devices that are glad of it, which also compute the sums that scores are
/// made of, where all are made of sums; others are scored one after another. A group has as many
/// fits as are expected to have room in the device's free memory. A fit's time is its share of the
/// group's, and what was done for it alone. A group for which a device has no memory nevertheless
/// makes all later ones half as large. All that is given must outlive this.
class GroupFitter {
 public:
  /// `options`, all but the device, are those of the fits.
  GroupFitter(const Folds& folds, FitAndScoreOptions options, GroupSizes sizes)
      : folds_(folds), options_(std::move(options)), sizes_(std::move(sizes)) {}

  /// Of the device that is glad of most.
  std::size_t most_fits() const { return sizes_.largest(); }
  /// Whether it is a fit for a group. One that shares its generator is not: it draws when it is
  /// prepared and in training, and nobody else may draw between.
  bool takes(const TrialFit& fit) const {
    return sizes_.of(fit.placement.device) > 1 && !fit.estimator->shares_random_state();
  }
  /// Fits, of any devices, whose estimators are made. Their order may change.
  void fit(std::span<TrialFit> fits, const TakeReport& take);

 private:
  struct SharedFold {
    std::shared_ptr<const Fold> fold{};
    SharedTargets targets{};
  };

  void fit_on_device(std::span<TrialFit> fits, const TakeReport& take);
  std::uint64_t memory_for_fits() const;
  std::size_t group_size(std::span<const TrialFit> fits) const;
  bool train(std::span<TrialFit> group);
  void prepare_and_train(std::span<TrialFit> group);
  void complete(TrialFit& fit) const;
  SharedFold& shared_fold(std::size_t number);

  const Folds& folds_;
  FitAndScoreOptions options_;  // with the device of the present group
  GroupSizes sizes_;
  std::map<std::size_t, SharedFold> shared_folds_;
};

}  // namespace skarma
