#pragma once

#include <string>
#include <string_view>

#include <skarma/model_selection/splitters.hpp>

namespace skarma::cli {

/// Reads --cv: a number of folds, or a splitter with its arguments as scikit-learn names them:
///   5   kfold(5)   stratified(5, shuffle=True, random_state=0)
///   repeated_kfold(5, n_repeats=10, random_state=0)   repeated_stratified(5)   leave_one_out
///   shuffle(10, test_size=0.2, random_state=0)   stratified_shuffle(10)
/// Throws std::invalid_argument that names the nearest known word.
CrossValidation parse_cv(std::string_view text);

/// scikit-learn's warning about a class with fewer members than a stratified splitter makes folds.
/// Empty if there is none.
std::string few_members_warning(const Splitter& splitter, const Target& y);

}  // namespace skarma::cli
