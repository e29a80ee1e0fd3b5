#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <skarma/estimators/min_max_scaler.hpp>
#include <skarma/estimators/mlp_classifier.hpp>
#include <skarma/estimators/mlp_regressor.hpp>
#include <skarma/estimators/model_file.hpp>
#include <skarma/estimators/pipeline.hpp>
#include <skarma/estimators/standard_scaler.hpp>
#include <skarma/python/bindings/cross_validation_job.hpp>
#include <skarma/python/bindings/param_values.hpp>
#include <skarma/python/bindings/topics.hpp>

namespace py = pybind11;

namespace skarma::python {
namespace {

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
  } else {
    const auto& min_max = dynamic_cast<const MinMaxScaler&>(scaler);
    learnt["min_"] = min_max.min();
    learnt["scale_"] = min_max.scale();
    learnt["data_min_"] = min_max.data_min();
    learnt["data_max_"] = min_max.data_max();
  }
  return learnt;
}

/// The scalers as (name, class, parameters, what they learnt), the network's name in a pipeline
/// ("" without one), and the network.
py::tuple load(const std::filesystem::path& path) {
  const auto estimator = load_model(path);
  const auto* pipeline = dynamic_cast<const Pipeline*>(estimator.get());
  if (pipeline == nullptr) return py::make_tuple(py::list(), "", mlp_of(*estimator));
  py::list scalers;
  for (const auto& [name, scaler] : pipeline->scalers()) {
    scalers.append(py::make_tuple(name, std::string(scaler->name()), as_dict(scaler->parameters()),
                                  learnt_by(*scaler)));
  }
  return py::make_tuple(scalers, pipeline->estimator_name(), mlp_of(pipeline->estimator()));
}

template <class Model>
void add_save(py::module_& module) {
  module.def(
      "save_model",
      [](const Model& model, const std::filesystem::path& path) { save_model(model, path); },
      py::arg("model"), py::arg("path"), "Write a fitted network to a model file.");
}

}  // namespace

void add_model_files(py::module_& module) {
  add_save<MLPClassifier>(module);
  add_save<MLPRegressor>(module);
  module.def("load_model", &load, py::arg("path"), "The parts of what a model file holds.");
}

}  // namespace skarma::python
