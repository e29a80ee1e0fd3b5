#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <skarma/estimators/params/param_value.hpp>
#include <skarma/model_selection/param_sets.hpp>

namespace skarma {

/// One column of cv_results: numbers (scores, times), ranks, or parameter values, of which a
/// candidate may have none.
struct CvColumn {
  std::string name;
  std::variant<std::vector<double>, std::vector<std::int32_t>,
               std::vector<std::optional<ParamValue>>>
      values;
};

/// scikit-learn's cv_results_: one row a candidate, columns in its order. `params` is kept apart.
struct CvResults {
  ParamSets params;
  std::vector<CvColumn> columns;

  /// The numbers of a column, such as "mean_test_score". Throws std::out_of_range.
  const std::vector<double>& numbers(std::string_view column) const;
  /// The ranks of a column, such as "rank_test_score". Throws std::out_of_range.
  const std::vector<std::int32_t>& ranks(std::string_view column) const;
  bool has(std::string_view column) const;
};

/// The mean and the population standard deviation over the folds, in NumPy's order of additions:
/// ties between candidates are exact equality.
struct MeanStd {
  double mean;
  double std;
};
MeanStd mean_and_std(std::vector<double> fold_scores);

/// 1 + the number of larger means, as scikit-learn ranks: NaN comes last, all NaN is all 1.
std::vector<std::int32_t> ranks_of(const std::vector<double>& means);

}  // namespace skarma
