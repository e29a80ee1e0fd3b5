#include <skarma/model_selection/report/search_report.hpp>
#include <skarma/python/bindings/topics.hpp>

namespace py = pybind11;

namespace skarma::python {

void add_reports(py::module_& module) {
  module.def("report_html", &report_html, py::arg("data"),
             "A page of a search's report, given as JSON text.");
  module.def("report_markdown", &report_markdown, py::arg("data"), "The same in Markdown.");
}

}  // namespace skarma::python
