#include <skarma/python/bindings/native_classes.hpp>

namespace py = pybind11;

namespace skarma::python {
namespace {

PyObject* refuse(PyTypeObject* type, PyObject*, PyObject*) {
  PyErr_Format(PyExc_TypeError, "cannot create '%.200s' instances", type->tp_name);
  return nullptr;
}

}  // namespace

PyObject* new_object(PyTypeObject* type, PyObject*, PyObject*) {
  try {
    return py::detail::make_new_instance(type);
  } catch (const std::exception& error) {
    PyErr_SetString(PyExc_TypeError, error.what());
    return nullptr;
  }
}

void guard_new_objects(py::module_& module) {
  auto* base = reinterpret_cast<PyTypeObject*>(py::detail::get_internals().instance_base);
  base->tp_new = new_object;
  // Newer versions of pybind11 keep what a function calls in objects of a type of their own.
  const py::object function = module.attr("runtime_info");
  PyTypeObject* record = Py_TYPE(py::object(function.attr("__self__")).ptr());
  if (record != &PyCapsule_Type && record != &PyModule_Type) record->tp_new = refuse;
}

}  // namespace skarma::python
