#pragma once

#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <skarma/estimators/estimator.hpp>

namespace skarma {

/// A figure of merit of a fitted estimator on some samples; higher is better.
using ScoreFunction = std::function<double(const Estimator& estimator, const SampleView& x,
                                           const Target& y, std::span<const double> sample_weight)>;

/// A score, and whether scikit-learn would give it without a warning that it divides by nothing.
struct Judgement {
  Judgement(double s) : score(s) {}
  Judgement(double s, bool defined) : score(s), well_defined(defined) {}
  double score;
  bool well_defined = true;
};

/// A score by its name in scikit-learn ("accuracy", "r2"), the estimator's own (the default), or
/// any callable with a name of its own.
class Scorer {
 public:
  Scorer();
  /// Throws std::invalid_argument for an unknown name, naming the nearest.
  Scorer(std::string name);
  Scorer(const char* name) : Scorer(std::string(name)) {}
  Scorer(std::string name, ScoreFunction function);

  /// The same scorer by another name.
  Scorer named(std::string name) const {
    Scorer scorer = *this;
    scorer.name_ = std::move(name);
    return scorer;
  }
  /// "score" for the estimator's own.
  const std::string& name() const { return name_; }
  /// The name that says what it computes, whatever it is called: scikit-learn's, "score" for the
  /// estimator's own; empty for a callable.
  const std::string& known_name() const { return known_name_; }
  double operator()(const Estimator& estimator, const SampleView& x, const Target& y,
                    std::span<const double> sample_weight = {}) const {
    return judge(estimator, x, y, sample_weight).score;
  }
  Judgement judge(const Estimator& estimator, const SampleView& x, const Target& y,
                  std::span<const double> sample_weight = {}) const {
    return function_(estimator, x, y, sample_weight);
  }

 private:
  std::string name_;
  std::string known_name_;
  std::function<Judgement(const Estimator&, const SampleView&, const Target&,
                          std::span<const double>)>
      function_;
};

/// What a search scores by: one scorer, whose columns are named "score", or a list of scorers,
/// whose columns bear their names.
class Scoring {
 public:
  Scoring() : Scoring(Scorer()) {}
  Scoring(Scorer scorer) : scorers_{std::move(scorer)} {}
  Scoring(const char* name) : Scoring(Scorer(name)) {}
  Scoring(const std::string& name) : Scoring(Scorer(name)) {}
  /// Throws std::invalid_argument for an empty list and for a name that is there twice.
  Scoring(std::vector<Scorer> scorers);
  Scoring(std::initializer_list<Scorer> scorers) : Scoring(std::vector<Scorer>(scorers)) {}

  bool is_multimetric() const { return is_multimetric_; }
  std::size_t size() const { return scorers_.size(); }
  const Scorer& operator[](std::size_t i) const { return scorers_[i]; }
  /// The metric's name in cv_results.
  std::string key(std::size_t i) const;

 private:
  std::vector<Scorer> scorers_;
  bool is_multimetric_ = false;
};

/// All names that Scorer knows.
std::vector<std::string_view> scorer_names();

}  // namespace skarma
