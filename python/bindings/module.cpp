// skarma._native: what the Python classes of skarma stand on. Not for users: it takes arrays as
// they are and checks little, because scikit-learn's own validation has run before.
#include <pybind11/pybind11.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/python/bindings/gil.hpp>
#include <skarma/python/bindings/native_classes.hpp>
#include <skarma/python/bindings/topics.hpp>

namespace {

/// skarma.DeviceError, which users catch.
void add_device_error(pybind11::module_& module) {
  auto& error = pybind11::register_local_exception<skarma::DeviceError>(module, "DeviceError",
                                                                        PyExc_RuntimeError);
  error.attr("__module__") = "skarma";
  error.attr("__doc__") = R"(A device cannot be used: it, its driver or the library that brings it.

Examples
--------
>>> import skarma
>>> try:
...     skarma.MLPClassifier(device="cuda:99").fit([[0.0], [1.0]], [0, 1])
... except skarma.DeviceError as error:
...     print(str(error)[:37])
device='cuda:99' cannot be used here.
)";
}

}  // namespace

PYBIND11_MODULE(_native, module) {
  // ValueError, as scikit-learn has it.
  pybind11::register_local_exception<skarma::DivergenceError>(module, "DivergenceError",
                                                              PyExc_ValueError);
  add_device_error(module);
  skarma::python::add_runtime(module);
  skarma::python::guard_new_objects(module);
  skarma::python::wait_for_work_at_end();
  skarma::python::add_targets(module);
  skarma::python::add_parameters(module);
  skarma::python::add_watched_fits(module);
  skarma::python::add_mlps(module);
  skarma::python::add_augmentations(module);
  skarma::python::add_sequentials(module);
  skarma::python::add_built_networks(module);
  skarma::python::add_cross_validation(module);
  skarma::python::add_reports(module);
  skarma::python::add_model_files(module);
  skarma::python::add_optimisers(module);
}
