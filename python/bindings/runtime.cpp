#include <string>

#include <pybind11/stl.h>

#include <skarma/core/engine/registry.hpp>
#include <skarma/estimators/runtime.hpp>
#include <skarma/python/bindings/arrays.hpp>
#include <skarma/python/bindings/gil.hpp>
#include <skarma/python/bindings/topics.hpp>

namespace py = pybind11;

namespace skarma::python {

void add_runtime(py::module_& module) {
  module.def(
      "runtime_info",
      [] {
        const RuntimeInfo info = runtime_info();
        py::dict text;
        text["blas"] = info.blas;
        text["simd"] = info.simd;
        text["compiler"] = info.compiler;
        text["n_cores"] = info.n_cores;
        text["gpus"] = gpu_lines(info);
        return text;
      },
      "What computes on this machine; GPUs as pairs of a name and a text.");
  module.def(
      "require_device",
      [](const std::string& device) {
        const ReleasedGil released;
        require_device(device);
      },
      py::arg("device"), "Raise DeviceError if no fit can use a device of this name.");
  module.def(
      "all_finite", [](const py::object& x) { return !Samples(x).view().find_not_finite(); },
      py::arg("x"), "Whether samples have neither NaN nor infinities.");
}

}  // namespace skarma::python
