#include <pybind11/stl.h>

#include <skarma/estimators/io/file_error.hpp>
#include <skarma/estimators/io/model_file.hpp>
#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/estimators/mlp/mlp_regressor.hpp>
#include <skarma/estimators/pipeline.hpp>
#include <skarma/estimators/preprocessing/min_max_scaler.hpp>
#include <skarma/estimators/preprocessing/standard_scaler.hpp>
#include <skarma/python/bindings/cross_validation_job.hpp>
#include <skarma/python/bindings/gil.hpp>
#include <skarma/python/bindings/param_values.hpp>
#include <skarma/python/bindings/topics.hpp>

namespace py = pybind11;

namespace skarma::python {
namespace {

/// The name of a step, its class, its parameters and what it learnt.
using LearntScaler = std::tuple<std::string, std::string, py::dict, py::dict>;

py::dict as_dict(const ParamSet& parameters) {
  py::dict all;
  for (const auto& [name, value] : parameters) all[py::str(name)] = to_python(value);
  return all;
}

/// What a scaler learnt, by scikit-learn's names of the attributes.
py::dict learnt_by(const Transformer& scaler) {
  py::dict learnt;
  if (const auto* standard = dynamic_cast<const StandardScaler*>(&scaler)) {
    learnt["mean_"] = standard->mean();
    learnt["var_"] = standard->var();
    learnt["scale_"] = standard->scale();
    learnt["n_samples_seen_"] = standard->n_samples_seen();
  } else {
    const auto& min_max = dynamic_cast<const MinMaxScaler&>(scaler);
    learnt["min_"] = min_max.min();
    learnt["scale_"] = min_max.scale();
    learnt["data_min_"] = min_max.data_min();
    learnt["data_max_"] = min_max.data_max();
    learnt["n_samples_seen_"] = min_max.n_samples_seen();
    learnt["learnt_float32"] = min_max.learnt_float32();
  }
  return learnt;
}

/// A path as Python's own open takes it, with its errors.
std::filesystem::path path_of(const py::object& path) {
  PyObject* bytes = nullptr;
  if (PyUnicode_FSConverter(path.ptr(), &bytes) == 0) throw py::error_already_set();
  return std::string(py::reinterpret_steal<py::bytes>(bytes));
}

/// The scalers as (name, class, parameters, what they learnt), the network's name in a pipeline
/// ("" without one), and the network.
py::tuple load(const py::object& file) {
  const std::filesystem::path path = path_of(file);
  std::unique_ptr<Estimator> estimator;
  {
    const ReleasedGil released;
    estimator = load_model(path);
  }
  const auto* pipeline = dynamic_cast<const Pipeline*>(estimator.get());
  if (pipeline == nullptr) return py::make_tuple(py::list(), "", mlp_of(*estimator));
  py::list scalers;
  for (const auto& [name, scaler] : pipeline->scalers()) {
    scalers.append(py::make_tuple(name, std::string(scaler->name()), as_dict(scaler->parameters()),
                                  learnt_by(*scaler)));
  }
  return py::make_tuple(scalers, pipeline->estimator_name(), mlp_of(pipeline->estimator()));
}

/// A scaler that has learnt what learnt_by would say of it.
std::unique_ptr<Transformer> learnt_scaler(const std::string& kind, const py::dict& parameters,
                                           const py::dict& learnt) {
  const auto figures = [&](const char* name) { return learnt[name].cast<std::vector<double>>(); };
  const auto flag = [&](const char* name) { return parameters[name].cast<bool>(); };
  if (kind == "StandardScaler") {
    return std::make_unique<StandardScaler>(
        StandardScalerParams{flag("with_mean"), flag("with_std")}, figures("mean_"),
        figures("var_"), figures("scale_"), figures("n_samples_seen_"));
  }
  const MinMaxScalerParams range{parameters["low"].cast<double>(),
                                 parameters["high"].cast<double>(), flag("clip")};
  return std::make_unique<MinMaxScaler>(
      range, figures("min_"), figures("scale_"), figures("data_min_"), figures("data_max_"),
      figures("n_samples_seen_"), learnt["learnt_float32"].cast<bool>());
}

/// Writes the parts that load gives: a network alone (no name), or behind scalers.
template <class Model>
void save(const std::vector<LearntScaler>& scalers, const std::string& mlp_name, const Model& mlp,
          const py::object& file) {
  const std::filesystem::path path = path_of(file);
  if (mlp_name.empty()) {
    const ReleasedGil released;
    return save_model(mlp, path);
  }
  Pipeline::Scalers steps;
  for (const auto& [name, kind, parameters, learnt] : scalers) {
    steps.emplace_back(name, learnt_scaler(kind, parameters, learnt));
  }
  const ReleasedGil released;
  save_model(Pipeline(std::move(steps), mlp_name, std::make_unique<Model>(mlp)), path);
}

/// As Python's own open has it: FileNotFoundError, PermissionError ... with errno and filename.
void raise_os_error(std::exception_ptr pointer) {
  try {
    if (pointer) std::rethrow_exception(pointer);
  } catch (const FileError& error) {
    const auto path =
        py::reinterpret_steal<py::object>(PyUnicode_DecodeFSDefault(error.path().c_str()));
    const py::object made = py::handle(PyExc_OSError)(error.code().value(), error.problem(), path);
    PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(made.ptr())), made.ptr());
  }
}

template <class Model>
void add_save(py::module_& module) {
  module.def("save_model", &save<Model>, py::arg("scalers"), py::arg("mlp_name"), py::arg("mlp"),
             py::arg("path"), "Write a fitted network, behind its scalers, to a model file.");
}

}  // namespace

void add_model_files(py::module_& module) {
  py::register_local_exception_translator(raise_os_error);
  add_save<MLPClassifier>(module);
  add_save<MLPRegressor>(module);
  module.def("load_model", &load, py::arg("path"), "The parts of what a model file holds.");
}

}  // namespace skarma::python
