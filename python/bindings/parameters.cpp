#include <pybind11/stl.h>

#include <skarma/core/net/activation.hpp>
#include <skarma/core/net/loss.hpp>
#include <skarma/core/optim/schedule.hpp>
#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/estimators/mlp/mlp_regressor.hpp>
#include <skarma/estimators/params/parameter_table.hpp>
#include <skarma/python/bindings/param_values.hpp>
#include <skarma/python/bindings/topics.hpp>

namespace py = pybind11;

namespace skarma::python {
namespace {

const char* type_name(Domain::Type type) {
  switch (type) {
    case Domain::Type::boolean:
      return "boolean";
    case Domain::Type::integer:
      return "integer";
    case Domain::Type::real:
      return "real";
    case Domain::Type::name:
      return "name";
    case Domain::Type::integer_list:
      return "integer_list";
    case Domain::Type::seed:
      return "seed";
  }
  return "";
}

py::dict as_dict(const ParameterInfo& info) {
  const Domain& domain = info.domain;
  py::dict row;
  // Python looks attributes up by interned names, which it need not compare letter by letter.
  row["name"] =
      py::reinterpret_steal<py::str>(PyUnicode_InternFromString(std::string(info.name).c_str()));
  row["doc"] = std::string(info.doc);
  row["default"] = to_python(info.default_value);
  row["type"] = type_name(domain.type);
  row["low"] = domain.low;
  row["high"] = domain.high;
  row["low_included"] = domain.low_included;
  row["high_included"] = domain.high_included;
  row["names"] = std::vector<std::string>(domain.names.begin(), domain.names.end());
  row["infinity"] = domain.infinity;
  row["booleans"] = domain.booleans;
  row["none"] = domain.none;
  row["not_zero"] = domain.not_zero;
  row["several"] = domain.several;
  row["calls"] = domain.calls;
  row["objects"] = domain.objects;
  return row;
}

/// Whether each name's value in the dict is this very object.
bool holds(const py::dict& dict, const py::tuple& names, const py::tuple& objects) {
  if (names.size() != objects.size()) return false;
  for (std::size_t i = 0; i < names.size(); ++i) {
    PyObject* const found = PyDict_GetItemWithError(dict.ptr(), names[i].ptr());
    if (found == nullptr && PyErr_Occurred() != nullptr) throw py::error_already_set();
    if (found != objects[i].ptr()) return false;
  }
  return true;
}

py::list table_of(const std::vector<ParameterInfo>& infos) {
  py::list rows;
  for (const ParameterInfo& info : infos) rows.append(as_dict(info));
  return rows;
}

}  // namespace

void add_parameters(py::module_& module) {
  module.def("needs_n_epochs", &Schedule::needs_n_epochs, py::arg("schedule"),
             "Whether it is a schedule whose rates depend on how many epochs there will be.");
  module.def(
      "mlp_classifier_parameters", [] { return table_of(MLPClassifier::parameter_infos()); },
      "The parameter table of MLPClassifier, a dict for each row.");
  module.def(
      "mlp_regressor_parameters", [] { return table_of(MLPRegressor::parameter_infos()); },
      "The parameter table of MLPRegressor, a dict for each row.");
  module.def("holds", &holds, py::arg("dict"), py::arg("names"), py::arg("objects"),
             "Whether each name's value in the dict is this very object.");
  module.def(
      "loss_links",
      [] {
        py::dict links;
        for (const Loss& loss : kLosses) {
          links[py::str(std::string(loss.name))] = std::string(loss.link.name);
        }
        return links;
      },
      "The losses by name, with the activation of the output that each goes with.");
  module.def(
      "pieces_of",
      [](const std::string& activation) {
        const bool is_maxout = activation.starts_with(kMaxout.name);
        return is_maxout ? pieces_of(parse_activation(activation)) : std::size_t{1};
      },
      py::arg("activation"), "How many columns of coefs a unit with this activation has.");
}

}  // namespace skarma::python
