#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <skarma/core/base/errors.hpp>
#include <skarma/core/base/sample_view.hpp>
#include <skarma/estimators/target.hpp>

namespace skarma {

// The checks of scikit-learn's validate_data, in its words. `owner` is the estimator's class name.
// All throw std::invalid_argument.

/// At least one sample and one feature.
void check_not_empty(std::string_view owner, const SampleView& x);
/// At least one sample and one feature, all finite.
void check_samples(std::string_view owner, const SampleView& x);
/// At least one sample and one feature, none infinite; NaN may stay.
void check_scalable(std::string_view owner, const SampleView& x);
/// As many features as in fit.
void check_n_features(std::string_view owner, const SampleView& x, std::size_t expected);
/// As many targets as samples.
void check_same_length(const SampleView& x, const Target& y);
/// As many figures of each kind: what a scaler has learnt.
void check_same_size(std::initializer_list<const std::vector<double>*> figures);
/// Throws std::invalid_argument unless there are no counts, one, or one a column, and none is below
/// zero or infinite.
void check_counts(const std::vector<double>& counts, std::size_t n_columns);
/// Numbers that are all finite.
void check_finite_target(const Target& y);
/// A weight that is not zero; or no weights at all.
void check_not_all_zero(std::span<const double> sample_weight);
/// One finite weight a sample, not all of them zero; or none at all.
void check_weights(std::span<const double> sample_weight, std::size_t n_samples);

/// The error about a result that was asked for before fit().
NotFittedError not_fitted(std::string_view owner);

}  // namespace skarma
