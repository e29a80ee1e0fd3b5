#pragma once

#include <memory>
#include <utility>
#include <vector>

#include <pybind11/numpy.h>

#include <skarma/core/base/matrix.hpp>
#include <skarma/core/base/sample_view.hpp>

namespace skarma::python {

/// The memory of a C-ordered array of shape (rows, columns): no copy. Throws TypeError for another
/// type or order.
template <class T>
MatrixView<const T> view_of(const pybind11::array& array) {
  if (!pybind11::isinstance<pybind11::array_t<T, pybind11::array::c_style>>(array) ||
      array.ndim() != 2) {
    throw pybind11::type_error("expected a C-ordered array with two dimensions");
  }
  return {static_cast<const T*>(array.data()), static_cast<std::size_t>(array.shape(0)),
          static_cast<std::size_t>(array.shape(1))};
}

/// Samples of float32 or float64: no copy.
inline SampleView samples_of(const pybind11::array& x) {
  if (pybind11::isinstance<pybind11::array_t<float>>(x)) return view_of<float>(x);
  return view_of<double>(x);
}

template <class T>
std::span<const T> span_of(const pybind11::array_t<T, pybind11::array::c_style>& array) {
  return {array.data(), static_cast<std::size_t>(array.size())};
}

/// Hands the memory over to NumPy: no copy.
template <class T>
pybind11::array_t<T> to_numpy(std::vector<T> values, std::vector<std::size_t> shape) {
  auto kept = std::make_unique<std::vector<T>>(std::move(values));
  T* data = kept->data();
  const pybind11::capsule owner(kept.get(),
                                [](void* memory) { delete static_cast<std::vector<T>*>(memory); });
  kept.release();
  return pybind11::array_t<T>(std::move(shape), data, owner);
}

/// The numbers of a matrix as an array of T.
template <class T>
pybind11::array to_numpy_as(const Matrix<double>& matrix) {
  const auto& values = matrix.values();
  return to_numpy(std::vector<T>(values.begin(), values.end()), {matrix.rows(), matrix.cols()});
}

inline pybind11::array to_numpy(const Matrix<double>& matrix, bool float32) {
  return float32 ? to_numpy_as<float>(matrix) : to_numpy_as<double>(matrix);
}

}  // namespace skarma::python
