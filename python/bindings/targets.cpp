#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include <pybind11/stl.h>

#include <skarma/estimators/target.hpp>
#include <skarma/python/bindings/arrays.hpp>
#include <skarma/python/bindings/topics.hpp>

namespace py = pybind11;

namespace skarma::python {
namespace {

/// Labels as model files can hold them; what has no such form counts from 0.
std::shared_ptr<const Classes> classes_of(const py::array& labels) {
  switch (labels.dtype().kind()) {
    case 'u':
      if (labels.size() > 0 && labels.attr("max")().cast<std::uint64_t>() >> 63 != 0) break;
      [[fallthrough]];
    case 'i':
      return std::make_shared<const Classes>(labels.cast<std::vector<std::int64_t>>());
    case 'f':
      return std::make_shared<const Classes>(labels.cast<std::vector<double>>());
    case 'U':
      return std::make_shared<const Classes>(
          labels.attr("tolist")().cast<std::vector<std::string>>());
    default:
      break;
  }
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(labels.size()));
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<std::int64_t>(i);
  return std::make_shared<const Classes>(std::move(numbers));
}

Target labels(const py::array& classes,
              const py::array_t<std::int64_t, py::array::c_style>& codes) {
  const std::span all(codes.data(), static_cast<std::size_t>(codes.size()));
  const bool known = std::ranges::all_of(
      all, [&](std::int64_t code) { return code >= 0 && code < classes.size(); });
  if (classes.ndim() != 1 || !known) {
    throw py::value_error("Codes are positions in a list of classes.");
  }
  std::vector<std::int32_t> narrow(all.size());
  std::ranges::transform(all, narrow.begin(),
                         [](std::int64_t code) { return static_cast<std::int32_t>(code); });
  return Target(classes_of(classes), std::move(narrow));
}

Matrix<double> copied(const py::array_t<double, py::array::c_style>& y) {
  if ((y.ndim() != 1 && y.ndim() != 2) || (y.ndim() == 2 && y.shape(1) == 0)) {
    throw py::value_error("Targets are numbers or rows of them.");
  }
  const std::size_t rows = static_cast<std::size_t>(y.shape(0));
  const std::size_t columns = y.ndim() == 1 ? 1 : static_cast<std::size_t>(y.shape(1));
  return {rows, columns, std::vector<double>(y.data(), y.data() + y.size())};
}

}  // namespace

void add_targets(py::module_& module) {
  native_class<Target>(module, "Target", "What an estimator learns, encoded.")
      .def_static("labels", &labels, py::arg("classes"), py::arg("codes"),
                  "One label a sample, as positions in the sorted classes.")
      .def_static(
          "multilabel",
          [](const py::array_t<double, py::array::c_style>& y) {
            return Target::multilabel(copied(y));
          },
          py::arg("y"), "Rows of 0 and 1.")
      .def_static(
          "numbers",
          [](const py::array_t<double, py::array::c_style>& y) {
            return Target::numbers(copied(y));
          },
          py::arg("y"), "One number or one row of them a sample.");
}

}  // namespace skarma::python
