#pragma once

#include <functional>
#include <span>
#include <string>

#include <skarma/estimators/estimator.hpp>

namespace skarma {

/// A figure of merit of a fitted estimator on some samples; higher is better.
using ScoreFunction = std::function<double(const Estimator& estimator, const SampleView& x,
                                           const Target& y, std::span<const double> sample_weight)>;

/// A score by its name in scikit-learn ("accuracy", "r2"), the estimator's own (the default), or
/// any callable with a name of its own.
class Scorer {
 public:
  Scorer();
  /// Throws std::invalid_argument for an unknown name, naming the nearest.
  Scorer(std::string name);
  Scorer(const char* name) : Scorer(std::string(name)) {}
  Scorer(std::string name, ScoreFunction function);

  /// "score" for the estimator's own.
  const std::string& name() const { return name_; }
  double operator()(const Estimator& estimator, const SampleView& x, const Target& y,
                    std::span<const double> sample_weight = {}) const {
    return function_(estimator, x, y, sample_weight);
  }

 private:
  std::string name_;
  ScoreFunction function_;
};

/// All names that Scorer knows.
std::vector<std::string_view> scorer_names();

}  // namespace skarma
