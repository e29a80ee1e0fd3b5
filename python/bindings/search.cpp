#include <optional>

#include <pybind11/functional.h>
#include <pybind11/stl.h>

#include <skarma/estimators/min_max_scaler.hpp>
#include <skarma/estimators/mlp_classifier.hpp>
#include <skarma/estimators/mlp_regressor.hpp>
#include <skarma/estimators/pipeline.hpp>
#include <skarma/estimators/standard_scaler.hpp>
#include <skarma/model_selection/grid_search.hpp>
#include <skarma/python/bindings/arrays.hpp>
#include <skarma/python/bindings/interruptible.hpp>
#include <skarma/python/bindings/param_values.hpp>
#include <skarma/python/bindings/topics.hpp>

namespace py = pybind11;

namespace skarma::python {
namespace {

/// The name of a step, its class and its parameters.
using ScalerStep = std::tuple<std::string, std::string, py::dict>;
/// The name of a metric in cv_results, and the scorer's.
using Metric = std::pair<std::string, std::string>;
using Rows = py::array_t<std::uint32_t, py::array::c_style | py::array::forcecast>;

std::unique_ptr<Transformer> make_scaler(const std::string& kind) {
  if (kind == "StandardScaler") return std::make_unique<StandardScaler>();
  return std::make_unique<MinMaxScaler>();
}

/// The estimator of a search: an MLP, behind its scalers if there are any.
std::unique_ptr<Estimator> make_estimator(const std::vector<ScalerStep>& steps,
                                          const std::string& mlp_name, const Estimator& mlp) {
  if (steps.empty()) return mlp.clone();
  Pipeline::Scalers scalers;
  for (const auto& [name, kind, parameters] : steps) scalers.emplace_back(name, make_scaler(kind));
  auto pipeline = std::make_unique<Pipeline>(std::move(scalers), mlp_name, mlp.clone());
  for (const auto& [name, kind, parameters] : steps) {
    for (const auto& [parameter, value] : parameters) {
      pipeline->set(name + "__" + parameter.cast<std::string>(), to_param_value(value));
    }
  }
  return pipeline;
}

/// Candidates as they come, each a grid of its own with one value for each parameter.
ParameterGrid grid_of(const std::vector<py::dict>& candidates) {
  std::vector<ParamGrid> grids;
  for (const py::dict& candidate : candidates) {
    ParamGrid grid;
    for (const auto& [name, value] : candidate) {
      grid.emplace_back(name.cast<std::string>(), std::vector<ParamValue>{to_param_value(value)});
    }
    grids.push_back(std::move(grid));
  }
  return ParameterGrid(std::move(grids));
}

Scoring scoring_of(const std::vector<Metric>& metrics, bool is_multimetric) {
  const auto own = [](const std::string& name) { return name.empty() ? Scorer() : Scorer(name); };
  if (!is_multimetric) return own(metrics.front().second);
  std::vector<Scorer> scorers;
  for (const auto& [key, name] : metrics) scorers.emplace_back(key, ScoreFunction(own(name)));
  return scorers;
}

std::vector<TrainTest> splits_of(const std::vector<std::pair<Rows, Rows>>& folds) {
  const auto rows = [](const Rows& array) {
    return std::vector<RowIndex>(array.data(), array.data() + array.size());
  };
  std::vector<TrainTest> splits;
  for (const auto& [train, test] : folds) splits.push_back({rows(train), rows(test)});
  return splits;
}

/// The columns of cv_results but for the parameters, which Python has as they were given.
py::dict columns_of(const CvResults& results) {
  py::dict columns;
  for (const CvColumn& column : results.columns) {
    if (const auto* numbers = std::get_if<std::vector<double>>(&column.values)) {
      columns[py::str(column.name)] = to_numpy(*numbers, {numbers->size()});
    } else if (const auto* ranks = std::get_if<std::vector<std::int32_t>>(&column.values)) {
      columns[py::str(column.name)] = to_numpy(*ranks, {ranks->size()});
    }
  }
  return columns;
}

/// Cross-validates every candidate, without the GIL, on one pool of threads.
py::tuple grid_search(const std::vector<ScalerStep>& scalers, const std::string& mlp_name,
                      const Estimator& mlp, const std::vector<py::dict>& candidates,
                      const py::object& x, const Target& y,
                      const std::optional<std::vector<double>>& sample_weight,
                      const std::vector<std::pair<Rows, Rows>>& folds,
                      const std::vector<Metric>& metrics, bool is_multimetric,
                      bool return_train_score, std::optional<int> n_jobs,
                      std::optional<double> error_score) {
  const auto estimator = make_estimator(scalers, mlp_name, mlp);
  GridSearchOptions options{.scoring = scoring_of(metrics, is_multimetric),
                            .cv = splits_of(folds),
                            .refit = false,
                            .return_train_score = return_train_score,
                            .n_jobs = n_jobs,
                            .error_score = error_score};
  const ParameterGrid grid = grid_of(candidates);
  const Samples samples(x);
  std::optional<GridSearchCV> search;
  const bool interrupted = run_interruptible([&](std::stop_token stop) {
    options.stop = std::move(stop);
    search.emplace(*estimator, grid, options);
    search->fit(samples.view(), y, sample_weight.value_or(std::vector<double>()));
  });
  if (interrupted) {
    PyErr_SetNone(PyExc_KeyboardInterrupt);
    throw py::error_already_set();
  }
  return py::make_tuple(columns_of(search->cv_results()), search->warnings(),
                        search->fit_warnings());
}

template <class Mlp>
void add_grid_search(py::module_& module) {
  module.def(
      "grid_search",
      [](const std::vector<ScalerStep>& scalers, const std::string& mlp_name, const Mlp& mlp,
         const std::vector<py::dict>& candidates, const py::object& x, const Target& y,
         const std::optional<std::vector<double>>& sample_weight,
         const std::vector<std::pair<Rows, Rows>>& folds, const std::vector<Metric>& metrics,
         bool is_multimetric, bool return_train_score, std::optional<int> n_jobs,
         std::optional<double> error_score) {
        return grid_search(scalers, mlp_name, mlp, candidates, x, y, sample_weight, folds, metrics,
                           is_multimetric, return_train_score, n_jobs, error_score);
      },
      py::kw_only(), py::arg("scalers"), py::arg("mlp_name"), py::arg("mlp"), py::arg("candidates"),
      py::arg("x"), py::arg("y"), py::arg("sample_weight"), py::arg("folds"), py::arg("metrics"),
      py::arg("is_multimetric"), py::arg("return_train_score"), py::arg("n_jobs"),
      py::arg("error_score"),
      "Cross-validate candidates: the columns of cv_results, warnings, warnings of the fits.");
}

}  // namespace

void add_search(py::module_& module) {
  add_grid_search<MLPClassifier>(module);
  add_grid_search<MLPRegressor>(module);
}

}  // namespace skarma::python
