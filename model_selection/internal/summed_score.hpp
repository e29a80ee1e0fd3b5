#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include <skarma/core/net/score_kind.hpp>
#include <skarma/core/net/targets.hpp>
#include <skarma/estimators/internal/prepared_fit.hpp>
#include <skarma/estimators/metrics/scorer.hpp>

namespace skarma {

/// What scores compare a network with: targets and weights, which may be empty.
struct ScoredTargets {
  const Target& y;
  std::span<const double> weights;
};

/// What sums of each kind compare the networks with that are fitted on one fold: made once, as they
/// have learnt the same classes.
class SharedTargets {
 public:
  /// Null where there are none for this kind.
  const std::shared_ptr<const Targets<double>>& find(const PreparedFit& fit, ScoreKind kind,
                                                     const ScoredTargets& compared);

 private:
  std::map<std::pair<const Target*, ScoreKind>, std::shared_ptr<const Targets<double>>> made_;
};

/// The sums that all scores of these samples are made of, one a scorer; nullopt where one of the
/// scores is not made of such sums.
std::optional<WantedScores> wanted_scores(const Scoring& scoring, const PreparedFit& fit,
                                          bool is_classifier, const SampleView& x,
                                          const ScoredTargets& compared, SharedTargets& shared);

/// The score that is made of sums; nullopt where they are not finite: the predictions say why.
std::optional<double> score_of_sums(const Scorer& scorer, bool is_classifier,
                                    const ScoredTargets& compared, const WantedSums& wanted);

}  // namespace skarma
