#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>

#include <pybind11/stl.h>

#include <skarma/model_selection/cross_validate.hpp>
#include <skarma/model_selection/grid_search.hpp>
#include <skarma/model_selection/search/journal.hpp>
#include <skarma/python/bindings/arrays.hpp>
#include <skarma/python/bindings/cross_validation_job.hpp>
#include <skarma/python/bindings/param_values.hpp>
#include <skarma/python/bindings/running_fits.hpp>
#include <skarma/python/bindings/topics.hpp>

namespace py = pybind11;

namespace skarma::python {
namespace {

/// Candidates as they come, whose parameters are set in the order of their names.
ParamSets candidates_of(const std::vector<py::dict>& candidates) {
  std::vector<ParamSet> sets;
  sets.reserve(candidates.size());
  for (const py::dict& candidate : candidates) {
    ParamSet& set = sets.emplace_back();
    set.reserve(candidate.size());
    for (const auto& [name, value] : candidate) {
      set.emplace_back(name.cast<std::string>(), to_param_value(value));
    }
    std::ranges::sort(set, {}, &ParamSet::value_type::first);
  }
  return sets;
}

/// Folds that Python's splitter has cut.
class GivenFolds final : public Splitter {
 public:
  explicit GivenFolds(Splits folds) : folds_(std::move(folds)) {}
  std::size_t n_splits(std::size_t) const override { return folds_.size(); }

 private:
  Splits cut(std::size_t, const Target&, const Groups&) const override { return folds_; }

  Splits folds_;
};

/// What GridSearchOptions and CrossValidateOptions have in common.
template <class Options>
Options options_of(const CrossValidationJob& job) {
  Options options;
  options.scoring = job.scoring;
  options.cv = GivenFolds(job.folds);
  options.return_train_score = job.return_train_score;
  options.n_jobs = job.n_jobs;
  options.weight_scores = job.weight_scores;
  if (job.random_state) {
    options.before_fit = [&job](Estimator& estimator) { draw_from(job.random_state, estimator); };
  }
  return options;
}

void check_folds(const CrossValidationJob& job, const std::vector<bool>& judged_folds) {
  if (judged_folds.size() == job.folds.size()) return;
  throw std::invalid_argument("judged_folds must have one bool for each fold.");
}

/// Cross-validates every candidate, but for the fits that are left out.
std::unique_ptr<RunningFits> search(const py::object& self, const std::vector<py::dict>& candidates,
                                    std::vector<bool> judged_folds,
                                    const std::optional<std::vector<std::size_t>>& left_out,
                                    std::optional<std::uint32_t> order_seed) {
  const auto& job = self.cast<const CrossValidationJob&>();
  check_folds(job, judged_folds);
  std::shared_ptr<LeftOut> others;
  if (left_out) {
    others = std::make_shared<LeftOut>(candidates.size() * job.folds.size());
    others->add(*left_out);
  }
  const auto work = [&job, others, order_seed, sets = candidates_of(candidates)](
                        const FitObserver& observer, std::stop_token stop) {
    auto options = options_of<GridSearchOptions>(job);
    options.refit = false;
    options.observer = observer;
    options.order_seed = order_seed;
    if (others) {
      options.leave_out = [others, n_folds = job.folds.size()](const Trial& trial) {
        return others->has(trial.candidate * n_folds + trial.fold);
      };
    }
    options.stop = std::move(stop);
    GridSearchCV(*job.estimator, sets, options).fit(job.x.view(), job.y, job.sample_weight);
  };
  return std::make_unique<RunningFits>(self, work, false, std::move(judged_folds), others);
}

/// Fits and scores on every fold.
std::unique_ptr<RunningFits> cross_validate_job(const py::object& self, bool keep_mlps,
                                                const std::vector<std::string>& feature_names,
                                                std::vector<bool> judged_folds) {
  const auto& job = self.cast<const CrossValidationJob&>();
  check_folds(job, judged_folds);
  const auto work = [&job, feature_names](const FitObserver& observer, std::stop_token stop) {
    auto options = options_of<CrossValidateOptions>(job);
    options.observer = observer;
    options.stop = std::move(stop);
    cross_validate(*job.estimator, job.x.view(), job.y, options, job.sample_weight, feature_names);
  };
  return std::make_unique<RunningFits>(self, work, keep_mlps, std::move(judged_folds));
}

py::object self_of(const py::object& fits) {
  fits.cast<RunningFits&>();  // one that was made without its constructor is refused
  return fits;
}

std::unique_ptr<DoneFit> next_of(RunningFits& fits) {
  auto fit = fits.next();
  if (!fit) throw py::stop_iteration();
  return fit;
}

py::object mlp_of_fit(const DoneFit& fit) {
  return fit.estimator ? mlp_of(*fit.estimator) : py::none();
}

void raise_error_of(const DoneFit& fit) {
  if (fit.result.fit_exception) std::rethrow_exception(fit.result.fit_exception);
}

CrossValidationJob make_job(const std::vector<TransformerStep>& transformers,
                            const std::string& mlp_name, const py::object& mlp, const py::object& x,
                            const Target& y, std::optional<std::vector<double>> sample_weight,
                            bool weight_scores, const Folds& folds,
                            const std::vector<Metric>& metrics, bool is_multimetric,
                            bool return_train_score, std::optional<int> n_jobs,
                            const std::optional<NumpyState>& random_state) {
  return {.estimator = make_estimator(transformers, mlp_name, mlp),
          .x = Samples(x),
          .y = y,
          .sample_weight = std::move(sample_weight).value_or(std::vector<double>()),
          .weight_scores = weight_scores,
          .folds = splits_of(folds, y.n_samples()),
          .scoring = scoring_of(metrics, is_multimetric),
          .return_train_score = return_train_score,
          .n_jobs = n_jobs,
          .random_state = random_state ? from_numpy(*random_state) : nullptr};
}

}  // namespace

void add_cross_validation(py::module_& module) {
  module.def(
      "results_version", [] { return kResultsVersion; },
      "Another number where fits of the same data and parameters gave other numbers.");
  module.def("scorer_names", &scorer_names, "What metrics may be.");
  native_class<DoneFit>(module, "DoneFit", "A fit of a cross-validation.")
      .def_readonly("candidate", &DoneFit::candidate)
      .def_readonly("fold", &DoneFit::fold)
      .def_readonly("n_iter", &DoneFit::n_iter)
      .def_property_readonly("fit_time", [](const DoneFit& fit) { return fit.result.fit_time; })
      .def_property_readonly("score_time", [](const DoneFit& fit) { return fit.result.score_time; })
      .def_property_readonly("test_scores",
                             [](const DoneFit& fit) { return fit.result.test_scores; })
      .def_property_readonly("train_scores",
                             [](const DoneFit& fit) { return fit.result.train_scores; })
      .def_property_readonly("warning", [](const DoneFit& fit) { return fit.result.fit_warning; })
      .def_property_readonly(
          "is_doubtful",
          [](const DoneFit& fit) {
            return !fit.result.well_defined || !fit.result.score_errors.empty();
          },
          "Whether scikit-learn is to score it: a score failed, or divides by nothing.")
      .def("raise_error", &raise_error_of, "Raise what the fit has failed with, if it has.")
      .def("mlp", &mlp_of_fit, "The fitted network, copied; None if it was not asked for.");
  native_class<RunningFits>(module, "RunningFits", "The fits of a cross-validation that runs.")
      .def("__iter__", &self_of)
      .def("__next__", &next_of)
      .def(
          "leave_out", &RunningFits::leave_out, py::arg("fits"),
          "Start none of these any more: numbers, candidate * n_folds + fold. Of a search that was "
          "given some to leave out.")
      .def(
          "close", [](RunningFits& fits) { fits.close(); }, "Stop, and wait for what still runs.");
  native_class<CrossValidationJob>(module, "CrossValidation", "What is cross-validated, and how.")
      .def(py::init(&make_job), py::kw_only(), py::arg("transformers"), py::arg("mlp_name"),
           py::arg("mlp"), py::arg("x"), py::arg("y"), py::arg("sample_weight"),
           py::arg("weight_scores"), py::arg("folds"), py::arg("metrics"),
           py::arg("is_multimetric"), py::arg("return_train_score"), py::arg("n_jobs"),
           py::arg("random_state"))
      .def("search", &search, py::arg("candidates"), py::arg("judged_folds"),
           py::arg("left_out") = py::none(), py::arg("order_seed") = py::none(),
           "Cross-validate candidates: their fits as they are done, but for those that are left "
           "out; in random order, if there is a seed for it.")
      .def("cross_validate", &cross_validate_job, py::arg("keep_mlps"), py::arg("feature_names"),
           py::arg("judged_folds"), "Fit and score on every fold: the fits as they are done.")
      .def_property_readonly(
          "random_state",
          [](const CrossValidationJob& job) -> py::object {
            if (!job.random_state) return py::none();
            return py::cast(numpy_state_of(*job.random_state));
          },
          "The state of the generator that the fits have drawn from.");
}

}  // namespace skarma::python
