#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <skarma/core/base/errors.hpp>
#include <skarma/core/base/sample_view.hpp>
#include <skarma/estimators/estimator.hpp>
#include <skarma/estimators/target.hpp>

namespace skarma {

// The checks of scikit-learn's validate_data, in its words. `owner` is the estimator's class name.
// All throw std::invalid_argument.

/// At least one sample and one feature.
void check_not_empty(std::string_view owner, const SampleView& x);
/// At least one sample and one feature, all finite.
void check_samples(std::string_view owner, const SampleView& x);
/// The same of what transforms make of the samples.
void check_transformed(std::string_view owner, const SampleView& x);
/// At least one sample and one feature, none infinite; NaN may stay.
void check_scalable(std::string_view owner, const SampleView& x);
/// As many features as in fit.
void check_n_features(std::string_view owner, const SampleView& x, std::size_t expected);
/// One name for each feature, or none.
void check_n_names(std::size_t n_names, std::size_t n_features);
/// As many targets as samples.
void check_same_length(const SampleView& x, const Target& y);
/// As many figures of each kind: what a scaler has learnt.
void check_same_size(std::initializer_list<const std::vector<double>*> figures);
/// The scale of a column, 1 where it is zero but for rounding in the type of the samples. Source:
/// scikit-learn, `_handle_zeros_in_scale`.
double scale_without_zeros(double scale, bool is_float32);
/// Throws std::invalid_argument unless there are no counts, one, or one a column, and none is below
/// zero or infinite.
void check_counts(const std::vector<double>& counts, std::size_t n_columns);
/// Numbers that are all finite.
void check_finite_target(const Target& y);
/// A weight that is not zero; or no weights at all.
void check_not_all_zero(std::span<const double> sample_weight);
/// One finite weight a sample, not all of them zero; or none at all.
void check_weights(std::span<const double> sample_weight, std::size_t n_samples);

/// Samples for validation, with their targets and weights: as those of the fit, under their own
/// names. Targets are checked for their number alone.
void check_validation(std::string_view owner, const ValidationData& validation,
                      std::size_t n_features);
/// A partial_fit of no epochs is none. Of solvers without epochs it takes 1.
void check_n_epochs(int n_epochs, std::string_view solver, bool has_epochs);
/// Throws std::invalid_argument for a partial_fit of an ensemble.
void check_one_member(std::string_view owner, int n_members);

/// The error about a result that was asked for before fit().
NotFittedError not_fitted(std::string_view owner);

}  // namespace skarma
