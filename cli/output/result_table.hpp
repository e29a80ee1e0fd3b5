#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <skarma/model_selection/cv_results.hpp>

namespace skarma::cli {

/// How a parameter is to be called in front of the user: "alpha" for "mlpclassifier__alpha".
using ParameterNames = std::function<std::string(std::string_view)>;

/// How the columns of cv_results that hold parameters begin.
inline constexpr std::string_view kParameterPrefix = "param_";
/// "alpha" for the column "param_mlpclassifier__alpha".
std::string parameter_of(const CvColumn& column, const ParameterNames& shown);

/// The metrics of a search as cv_results names them, and which of them decides.
struct Metrics {
  std::vector<std::string> keys = {"score"};
  std::size_t leading = 0;
};

/// The table of a search, one line a candidate: the parameters that vary, mean and std of the test
/// scores and (if kept) training scores (for several metrics without their std), rank and mean time
/// of a fit. The best candidate is marked. Where that is wider than `width`, std, training scores
/// and times are left out in this order; where even that is too wide, each candidate has lines of
/// its own.
std::string search_table(const CvResults& results, const Metrics& metrics, std::size_t best,
                         bool colour, const ParameterNames& shown, std::size_t width = SIZE_MAX);

/// "alpha=10.0, solver=lbfgs"; words for a grid without parameters.
std::string parameters_text(const ParamSet& parameters, const ParameterNames& shown);

/// A duration for people: "48 ms", "3.2 s", "2 min 05 s", "1 h 02 min".
std::string duration_text(double seconds);

}  // namespace skarma::cli
