#include <skarma/estimators/runtime.hpp>
#include <skarma/python/bindings/arrays.hpp>
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
        text["cuda"] = info.cuda;
        return text;
      },
      "What computes on this machine.");
  module.def(
      "all_finite", [](const py::object& x) { return !Samples(x).view().find_not_finite(); },
      py::arg("x"), "Whether samples have neither NaN nor infinities.");
}

}  // namespace skarma::python
