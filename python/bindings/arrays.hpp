#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <skarma/core/base/matrix.hpp>
#include <skarma/core/base/sample_view.hpp>
#include <skarma/python/bindings/gil.hpp>

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

template <class T, int flags>
std::span<const T> span_of(const pybind11::array_t<T, flags>& array) {
  return {array.data(), static_cast<std::size_t>(array.size())};
}

/// Samples of float32 or float64, a C-ordered array or a SciPy matrix in compressed rows: no copy
/// (but for the indices of a sparse matrix, if they have another width). Keeps them alive.
class Samples {
 public:
  explicit Samples(const pybind11::object& x) : view_(read(x)) {}
  const SampleView& view() const { return view_; }

 private:
  template <class Index>
  using Indices = pybind11::array_t<Index, pybind11::array::c_style | pybind11::array::forcecast>;

  SampleView read(const pybind11::object& x) {
    const bool sparse = !pybind11::isinstance<pybind11::array>(x);
    values_ = sparse ? attribute(x, "data") : x;
    const bool float32 = pybind11::isinstance<pybind11::array_t<float>>(values_);
    if (sparse) return float32 ? read_sparse<float>(x) : read_sparse<double>(x);
    if (float32) return view_of<float>(values_);
    return view_of<double>(values_);
  }

  template <class T>
  SampleView read_sparse(const pybind11::object& x) {
    const auto cols = attribute(x, "shape").cast<std::pair<std::size_t, std::size_t>>().second;
    if (cols > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max())) {
      throw std::invalid_argument("A sparse matrix may have 2147483647 columns at most.");
    }
    columns_ = narrowed(whole_numbers(attribute(x, "indices")));
    row_starts_ = Indices<std::int64_t>(whole_numbers(attribute(x, "indptr")));
    const pybind11::array_t<T, pybind11::array::c_style> contiguous(values_);
    values_ = contiguous;
    return CsrView<T>(span_of(contiguous), span_of(columns_), span_of(row_starts_), cols);
  }

  /// An array of signed whole numbers, which the indices of every matrix are that SciPy makes.
  static pybind11::array whole_numbers(pybind11::array indices) {
    if (indices.dtype().kind() == 'i') return indices;
    throw std::invalid_argument(
        "The indices of a sparse matrix must be signed whole numbers, got " +
        pybind11::str(indices.dtype()).cast<std::string>() + ".");
  }

  /// Column numbers of 32 bits. What does not fit becomes -1, which no matrix has as a column.
  static Indices<std::int32_t> narrowed(const pybind11::array& columns) {
    if (columns.itemsize() <= 4) return Indices<std::int32_t>(columns);
    const Indices<std::int64_t> wide(columns);
    Indices<std::int32_t> narrow(wide.size());
    std::transform(wide.data(), wide.data() + wide.size(), narrow.mutable_data(),
                   [](std::int64_t column) {
                     const auto kept = static_cast<std::int32_t>(column);
                     return kept == column ? kept : -1;
                   });
    return narrow;
  }

  pybind11::array values_;
  Indices<std::int32_t> columns_;
  Indices<std::int64_t> row_starts_;
  SampleView view_;
};

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

/// The same as an array of float32 or float64.
inline pybind11::array to_numpy(std::vector<double> values, std::vector<std::size_t> shape,
                                bool float32) {
  if (float32) return to_numpy(std::vector<float>(values.begin(), values.end()), std::move(shape));
  return to_numpy(std::move(values), std::move(shape));
}

inline pybind11::array to_numpy(Matrix<double> matrix, bool float32) {
  const std::size_t rows = matrix.rows();
  const std::size_t cols = matrix.cols();
  return to_numpy(std::move(matrix).values(), {rows, cols}, float32);
}

}  // namespace skarma::python
