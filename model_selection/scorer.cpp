#include <skarma/model_selection/scorer.hpp>

#include <array>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <skarma/core/base/nearest_name.hpp>
#include <skarma/estimators/metrics.hpp>

namespace skarma {
namespace {

double own_score(const Estimator& estimator, const SampleView& x, const Target& y,
                 std::span<const double> weights) {
  return estimator.score(x, y, weights);
}

double accuracy(const Estimator& estimator, const SampleView& x, const Target& y,
                std::span<const double> weights) {
  return accuracy_score(y, estimator.predict(x), weights);
}

double r2(const Estimator& estimator, const SampleView& x, const Target& y,
          std::span<const double> weights) {
  return r2_score(y.values(), estimator.predict(x).values(), weights);
}

struct ScorerRow {
  std::string_view name;
  double (*function)(const Estimator&, const SampleView&, const Target&, std::span<const double>);
};

constexpr std::array kScorers = {
    ScorerRow{"accuracy", accuracy},
    ScorerRow{"r2", r2},
};

ScoreFunction known(const std::string& name) {
  for (const ScorerRow& row : kScorers) {
    if (row.name == name) return row.function;
  }
  const auto names = scorer_names();
  throw std::invalid_argument(fmt::format("'{}' is not a scoring name.{} There are: {}.", name,
                                          did_you_mean(name, names), fmt::join(names, ", ")));
}

}  // namespace

Scorer::Scorer() : name_("score"), function_(own_score) {}

Scorer::Scorer(std::string name) : name_(std::move(name)), function_(known(name_)) {}

Scorer::Scorer(std::string name, ScoreFunction function)
    : name_(std::move(name)), function_(std::move(function)) {}

std::vector<std::string_view> scorer_names() {
  std::vector<std::string_view> names;
  for (const ScorerRow& row : kScorers) names.push_back(row.name);
  return names;
}

}  // namespace skarma
