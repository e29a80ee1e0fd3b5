#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <skarma/estimators/io/any_model.hpp>
#include <skarma/estimators/io/file_error.hpp>
#include <skarma/estimators/io/model_file.hpp>
#include <skarma/estimators/io/replace_file.hpp>
#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/estimators/mlp/mlp_regressor.hpp>
#include <skarma/estimators/pipeline.hpp>
#include <skarma/estimators/preprocessing/transformer_kinds.hpp>
#include <skarma/python/bindings/cross_validation_job.hpp>
#include <skarma/python/bindings/gil.hpp>
#include <skarma/python/bindings/param_values.hpp>
#include <skarma/python/bindings/topics.hpp>

namespace py = pybind11;

namespace skarma::python {
namespace {

/// The name of a step, its class, its parameters, what it learnt, and whether from float32.
using LearntTransformer = std::tuple<std::string, std::string, py::dict, py::dict, bool>;

py::dict as_dict(const ParamSet& parameters) {
  py::dict all;
  for (const auto& [name, value] : parameters) all[py::str(name)] = to_python(value);
  return all;
}

/// What a transformer learnt: arrays by scikit-learn's names of the attributes.
py::dict learnt_by(const Transformer& transformer) {
  py::dict learnt;
  for (const auto& [name, figures] : transformer.learnt()) {
    learnt[py::str(name + "_")] =
        py::array_t<double>(std::vector<py::ssize_t>(figures.shape.begin(), figures.shape.end()),
                            figures.values.data());
  }
  return learnt;
}

/// A path as Python's own open takes it, with its errors.
std::filesystem::path path_of(const py::object& path) {
  PyObject* bytes = nullptr;
  if (PyUnicode_FSConverter(path.ptr(), &bytes) == 0) throw py::error_already_set();
  return std::string(py::reinterpret_steal<py::bytes>(bytes));
}

/// The transformers as (name, class, parameters, what they learnt, whether from float32), the
/// network's name in a pipeline ("" without one), the network, and the names of the pipeline's own
/// features.
py::tuple load(const py::object& file) {
  const std::filesystem::path path = path_of(file);
  AnyModel model;
  {
    const ReleasedGil released;
    model = load_any_model(path);
  }
  using Names = std::vector<std::string>;
  if (auto* network = std::get_if<nn::Sequential>(&model)) {
    return py::make_tuple(py::list(), "", std::move(*network), Names());
  }
  const auto& estimator = std::get<std::unique_ptr<Estimator>>(model);
  const auto* pipeline = dynamic_cast<const Pipeline*>(estimator.get());
  if (pipeline == nullptr) return py::make_tuple(py::list(), "", mlp_of(*estimator), Names());
  py::list transformers;
  for (const auto& [name, transformer] : pipeline->transformers()) {
    transformers.append(py::make_tuple(name, std::string(transformer->name()),
                                       as_dict(transformer->parameters()), learnt_by(*transformer),
                                       transformer->learnt_float32()));
  }
  return py::make_tuple(transformers, pipeline->estimator_name(), mlp_of(pipeline->estimator()),
                        pipeline->feature_names_in());
}

std::unique_ptr<Transformer> with_parameters(const std::string& kind, const py::dict& parameters) {
  auto transformer = make_transformer(kind);
  for (const auto& [name, value] : parameters) {
    transformer->set(name.cast<std::string>(), to_param_value(value));
  }
  return transformer;
}

/// A transformer that has learnt what learnt_by would say of it.
std::unique_ptr<Transformer> learnt_transformer(const std::string& kind, const py::dict& parameters,
                                                const py::dict& learnt, bool is_float32) {
  using Array = py::array_t<double, py::array::c_style | py::array::forcecast>;
  auto transformer = with_parameters(kind, parameters);
  Transformer::Learnt all;
  for (const auto& [attribute, numbers] : learnt) {
    auto name = attribute.cast<std::string>();
    name.pop_back();  // the underscore
    const auto array = numbers.cast<Array>();
    all[name] = {{array.shape(), array.shape() + array.ndim()},
                 {array.data(), array.data() + array.size()}};
  }
  transformer->restore(all, is_float32);
  return transformer;
}

/// Writes the parts that load gives: a network alone (no name), or behind transformers.
template <class Model>
void save(const std::vector<LearntTransformer>& transformers, const std::string& mlp_name,
          const Model& mlp, const std::vector<std::string>& feature_names, const py::object& file) {
  const std::filesystem::path path = path_of(file);
  if (mlp_name.empty()) {
    const ReleasedGil released;
    return save_model(mlp, path);
  }
  Pipeline::Transformers steps;
  for (const auto& [name, kind, parameters, learnt, is_float32] : transformers) {
    steps.emplace_back(name, learnt_transformer(kind, parameters, learnt, is_float32));
  }
  Pipeline pipeline(std::move(steps), mlp_name, std::make_unique<Model>(mlp));
  if (!feature_names.empty()) pipeline.set_feature_names(feature_names);
  const ReleasedGil released;
  save_model(pipeline, path);
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
  module.def("save_model", &save<Model>, py::arg("transformers"), py::arg("mlp_name"),
             py::arg("mlp"), py::arg("feature_names"), py::arg("path"),
             "Write a fitted network, behind its transformers, to a model file.");
}

}  // namespace

void add_model_files(py::module_& module) {
  module.def(
      "save_sequential",
      [](const nn::Sequential& model, const py::object& file) {
        const std::filesystem::path path = path_of(file);
        const ReleasedGil released;
        model.save(path);
      },
      py::arg("model"), py::arg("path"), "Write a network of layers to a model file.");
  module.def(
      "check_replaceable",
      [](const py::object& file) {
        const std::filesystem::path path = path_of(file);
        const ReleasedGil released;
        check_replaceable(path);
      },
      py::arg("path"), "Raise OSError where no file could be written so.");
  py::register_local_exception_translator(raise_os_error);
  add_save<MLPClassifier>(module);
  add_save<MLPRegressor>(module);
  module.def(
      "check_transformer",
      [](const std::string& kind, const py::dict& parameters) {
        with_parameters(kind, parameters)->validate();
      },
      py::arg("kind"), py::arg("parameters"),
      "Raise ValueError for parameters that a native transformer does not take.");
  module.def("load_model", &load, py::arg("path"), "The parts of what a model file holds.");
}

}  // namespace skarma::python
