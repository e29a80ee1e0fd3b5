#include <skarma/model_selection/internal/summed_score.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include <skarma/core/base/all_finite.hpp>
#include <skarma/estimators/metrics/internal/figures_of_sums.hpp>

namespace skarma {
namespace {

using Sums = std::span<const double>;

/// The plain mean over the outputs of the samples' weighted means.
double mean_of(const ScoredTargets& compared, Sums sums) {
  return plain_mean(means_of_sums(sums, compared.y.n_samples(), compared.weights));
}

double negated_mean(const ScoredTargets& compared, Sums sums) { return -mean_of(compared, sums); }

double negated_root_mean(const ScoredTargets& compared, Sums sums) {
  auto means = means_of_sums(sums, compared.y.n_samples(), compared.weights);
  for (double& mean : means) mean = std::sqrt(mean);
  return -plain_mean(means);
}

double r2(const ScoredTargets& compared, Sums sums) {
  return r2_of_sums(compared.y.values(), sums, compared.weights);
}

/// A score that is made of sums.
struct SummedScore {
  std::string_view name;
  ScoreKind kind;
  double (*of)(const ScoredTargets& compared, Sums sums);
};

constexpr std::array kSummedScores = {
    SummedScore{"accuracy", kRightRows, mean_of},
    SummedScore{"neg_log_loss", kLogLosses, negated_mean},
    SummedScore{"neg_mean_absolute_error", kAbsoluteErrors, negated_mean},
    SummedScore{"neg_mean_squared_error", kSquaredErrors, negated_mean},
    SummedScore{"neg_root_mean_squared_error", kSquaredErrors, negated_root_mean},
    SummedScore{"r2", kSquaredErrors, r2},
};

/// Null where the scorer is none of them.
const SummedScore* find_summed(const Scorer& scorer, bool is_classifier) {
  std::string_view name = scorer.known_name();
  if (name == "score") name = is_classifier ? "accuracy" : "r2";
  const auto row = std::ranges::find(kSummedScores, name, &SummedScore::name);
  return row == kSummedScores.end() ? nullptr : &*row;
}

bool are_all_zero(std::span<const double> weights) {
  return !weights.empty() && std::ranges::all_of(weights, [](double w) { return w == 0.0; });
}

}  // namespace

const std::shared_ptr<const Targets<double>>& SharedTargets::find(const PreparedFit& fit,
                                                                  ScoreKind kind,
                                                                  const ScoredTargets& compared) {
  const auto [made, is_new] = made_.try_emplace({&compared.y, kind});
  if (!is_new) return made->second;
  if (auto targets = fit.targets_for(kind, compared.y)) {
    targets->weights.assign(compared.weights.begin(), compared.weights.end());
    made->second = std::make_shared<const Targets<double>>(std::move(*targets));
  }
  return made->second;
}

std::optional<WantedScores> wanted_scores(const Scoring& scoring, const PreparedFit& fit,
                                          bool is_classifier, const SampleView& x,
                                          const ScoredTargets& compared, SharedTargets& shared) {
  const bool errs = x.n_samples() == 0 || are_all_zero(compared.weights);
  if (!fit.targets_for || errs) return std::nullopt;
  WantedScores wanted;
  const SampleView seen = fit.seen(x);
  for (std::size_t i = 0; i < scoring.size(); ++i) {
    const SummedScore* const score = find_summed(scoring[i], is_classifier);
    if (score == nullptr) return std::nullopt;
    const auto& targets = shared.find(fit, score->kind, compared);
    if (targets == nullptr) return std::nullopt;
    wanted.all.push_back({seen, targets, score->kind});
  }
  return wanted;
}

std::optional<double> score_of_sums(const Scorer& scorer, bool is_classifier,
                                    const ScoredTargets& compared, const WantedSums& wanted) {
  if (!wanted.sums || !all_finite(Sums(*wanted.sums))) return std::nullopt;
  return find_summed(scorer, is_classifier)->of(compared, *wanted.sums);
}

}  // namespace skarma
