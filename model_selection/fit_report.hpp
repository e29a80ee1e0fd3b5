#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <skarma/estimators/estimator.hpp>

namespace skarma {

/// One estimator fitted and scored on one fold. Scores are in the order of the scorers; times in
/// seconds. The fit_time of one that a device has trained in a group is its share of the group's
/// training, which is the same for all of it, and what preparing and finishing it alone have taken.
struct FitResult {
  bool done = false;  // false after a stop request
  std::vector<double> test_scores;
  std::vector<double> train_scores;
  double fit_time = 0.0;
  double score_time = 0.0;
  std::string fit_error;
  std::exception_ptr fit_exception;  // what fit_error is the text of
  std::string fit_warning;
  std::vector<std::string> score_errors;
  bool well_defined = true;  // false where scikit-learn's metrics warn: a figure divides by nothing
};

/// A fit that is done, with its estimator, which may be moved from.
struct FitReport {
  std::size_t candidate;  // 0 in a cross-validation
  std::size_t fold;
  const FitResult& result;
  std::unique_ptr<Estimator>& estimator;
};

/// Is told every fit as soon as it is done, by the thread that did it, several at once. It judges
/// failures itself: nobody else warns of them, nor throws when all fits fail.
using FitObserver = std::function<void(const FitReport&)>;

}  // namespace skarma
