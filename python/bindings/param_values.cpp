#include <skarma/python/bindings/param_values.hpp>

#include <algorithm>

#include <pybind11/stl.h>

namespace py = pybind11;

namespace skarma::python {
namespace {

bool is_list_of_text(const py::handle& value) {
  if (!py::isinstance<py::list>(value) && !py::isinstance<py::tuple>(value)) return false;
  const auto items = py::reinterpret_borrow<py::sequence>(value);
  return !items.empty() && std::all_of(items.begin(), items.end(), [](const py::handle& item) {
    return py::isinstance<py::str>(item);
  });
}

}  // namespace

ParamValue to_param_value(const py::handle& value) {
  if (value.is_none()) return {};
  if (py::isinstance<py::bool_>(value)) return value.cast<bool>();
  if (py::isinstance<py::int_>(value)) {
    try {
      return value.cast<std::int64_t>();
    } catch (const py::cast_error&) {  // beyond 64 bits
      return value.cast<double>();
    }
  }
  if (py::isinstance<py::float_>(value)) return value.cast<double>();
  if (py::isinstance<py::str>(value)) return value.cast<std::string>();
  if (is_list_of_text(value)) return value.cast<std::vector<std::string>>();
  try {
    return value.cast<std::vector<std::int64_t>>();
  } catch (const py::cast_error&) {  // numbers that are not whole
  }
  try {
    return value.cast<std::vector<double>>();
  } catch (const py::cast_error&) {
    throw py::value_error("A list of parameters is of names or of numbers, got " +
                          py::repr(value).cast<std::string>() + ".");
  }
}

py::object to_python(const ParamValue& value) {
  return std::visit(
      [](const auto& v) -> py::object {
        using Value = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<Value, None>) {
          return py::none();
        } else if constexpr (std::is_same_v<Value, std::vector<std::int64_t>>) {
          return py::tuple(py::cast(v));
        } else {
          return py::cast(v);
        }
      },
      value);
}

}  // namespace skarma::python
