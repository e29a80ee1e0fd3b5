#include <functional>
#include <optional>

#include <pybind11/functional.h>
#include <pybind11/stl.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/model_selection/cross_validate.hpp>
#include <skarma/model_selection/grid_search.hpp>
#include <skarma/python/bindings/arrays.hpp>
#include <skarma/python/bindings/cross_validation_job.hpp>
#include <skarma/python/bindings/interruptible.hpp>
#include <skarma/python/bindings/param_values.hpp>
#include <skarma/python/bindings/topics.hpp>

namespace py = pybind11;

namespace skarma::python {
namespace {

/// What Python hears of a search: fits done and all, the best mean score and its parameters.
using Progress = std::function<void(std::size_t, std::size_t, double, std::optional<py::dict>)>;

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

/// Runs `work(stop_token)` without the GIL; Ctrl-C stops it and becomes a KeyboardInterrupt.
template <class Work>
void run_or_interrupt(Work work) {
  const bool interrupted = run_interruptible([&](std::stop_token stop) {
    try {
      work(std::move(stop));
    } catch (const Cancelled&) {
    }
  });
  if (!interrupted) return;
  PyErr_SetNone(PyExc_KeyboardInterrupt);
  throw py::error_already_set();
}

/// What GridSearchOptions and CrossValidateOptions have in common.
template <class Options>
Options options_of(const CrossValidationJob& job) {
  Options options;
  options.scoring = job.scoring;
  options.cv = job.folds;
  options.return_train_score = job.return_train_score;
  options.n_jobs = job.n_jobs;
  options.error_score = job.error_score;
  options.weight_scores = job.weight_scores;
  if (job.random_state) {
    options.before_fit = [&job](Estimator& estimator) { draw_from(job.random_state, estimator); };
  }
  return options;
}

std::function<void(const SearchProgress&)> told_to(const Progress& progress) {
  if (!progress) return {};
  return [&progress](const SearchProgress& state) {
    const py::gil_scoped_acquire acquire;
    std::optional<py::dict> best;
    if (state.best_params != nullptr) {
      best.emplace();
      for (const auto& [name, value] : *state.best_params)
        (*best)[py::str(name)] = to_python(value);
    }
    progress(state.n_done, state.n_all, state.best_score, best);
  };
}

/// Cross-validates every candidate: the columns of cv_results, warnings, warnings of the fits.
py::tuple grid_search(const CrossValidationJob& job, const std::vector<py::dict>& candidates,
                      const Progress& progress) {
  auto options = options_of<GridSearchOptions>(job);
  options.refit = false;
  options.progress = told_to(progress);
  const ParameterGrid grid = grid_of(candidates);
  std::optional<GridSearchCV> search;
  run_or_interrupt([&](std::stop_token stop) {
    options.stop = std::move(stop);
    search.emplace(*job.estimator, grid, options);
    search->fit(job.x.view(), job.y, job.sample_weight);
  });
  return py::make_tuple(columns_of(search->cv_results()), search->warnings(),
                        search->fit_warnings());
}

/// Fits and scores on every fold: fit times, score times, (test, train) of every metric, the fitted
/// networks if asked for (None for a fit that failed), warnings, warnings of the fits.
py::tuple cross_validate_job(const CrossValidationJob& job, bool return_mlps,
                             const std::vector<std::string>& feature_names) {
  auto options = options_of<CrossValidateOptions>(job);
  options.return_estimator = return_mlps;
  CrossValidateResult result;
  run_or_interrupt([&](std::stop_token stop) {
    options.stop = std::move(stop);
    result = cross_validate(*job.estimator, job.x.view(), job.y, options, job.sample_weight,
                            feature_names);
  });
  const auto array = [](const std::vector<double>& numbers) {
    return to_numpy(numbers, {numbers.size()});
  };
  py::list scores;
  for (const auto& metric : result.scores) {
    scores.append(py::make_tuple(array(metric.test), array(metric.train)));
  }
  py::list mlps;
  for (const auto& estimator : result.estimators) {
    mlps.append(estimator ? mlp_of(*estimator) : py::none());
  }
  return py::make_tuple(array(result.fit_time), array(result.score_time), scores, mlps,
                        result.warnings, result.fit_warnings);
}

CrossValidationJob make_job(const std::vector<ScalerStep>& scalers, const std::string& mlp_name,
                            const py::object& mlp, const py::object& x, const Target& y,
                            std::optional<std::vector<double>> sample_weight, bool weight_scores,
                            const std::vector<std::pair<Rows, Rows>>& folds,
                            const std::vector<Metric>& metrics, bool is_multimetric,
                            bool return_train_score, std::optional<int> n_jobs,
                            std::optional<double> error_score,
                            const std::optional<NumpyState>& random_state) {
  return {.estimator = make_estimator(scalers, mlp_name, mlp),
          .x = Samples(x),
          .y = y,
          .sample_weight = std::move(sample_weight).value_or(std::vector<double>()),
          .weight_scores = weight_scores,
          .folds = splits_of(folds),
          .scoring = scoring_of(metrics, is_multimetric),
          .return_train_score = return_train_score,
          .n_jobs = n_jobs,
          .error_score = error_score,
          .random_state = random_state ? from_numpy(*random_state) : nullptr};
}

}  // namespace

void add_cross_validation(py::module_& module) {
  native_class<CrossValidationJob>(module, "CrossValidation", "What is cross-validated, and how.")
      .def(py::init(&make_job), py::kw_only(), py::arg("scalers"), py::arg("mlp_name"),
           py::arg("mlp"), py::arg("x"), py::arg("y"), py::arg("sample_weight"),
           py::arg("weight_scores"), py::arg("folds"), py::arg("metrics"),
           py::arg("is_multimetric"), py::arg("return_train_score"), py::arg("n_jobs"),
           py::arg("error_score"), py::arg("random_state"))
      .def("grid_search", &grid_search, py::arg("candidates"), py::arg("progress"),
           "Cross-validate candidates: the columns of cv_results, warnings, warnings of the fits.")
      .def("cross_validate", &cross_validate_job, py::arg("return_mlps"), py::arg("feature_names"),
           "Fit and score on every fold: fit times, score times, (test, train) scores of every "
           "metric, fitted networks, warnings, warnings of the fits.")
      .def_property_readonly(
          "random_state",
          [](const CrossValidationJob& job) -> py::object {
            if (!job.random_state) return py::none();
            return py::cast(numpy_state_of(*job.random_state));
          },
          "The state of the generator that the fits have drawn from.");
}

}  // namespace skarma::python
