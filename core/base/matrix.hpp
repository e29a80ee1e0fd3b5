#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <skarma/core/base/matrix_view.hpp>

namespace skarma {

/// Owning row-major matrix of shape (rows, cols): what predictions, coefficients and data sets are
/// returned in. It does no arithmetic; converts to a MatrixView wherever one is asked for.
template <class T>
class Matrix {
 public:
  Matrix() = default;
  Matrix(std::size_t rows, std::size_t cols) : rows_(rows), cols_(cols), values_(rows * cols) {}

  /// Takes `values` in row-major order. Throws std::invalid_argument if there are not rows * cols.
  Matrix(std::size_t rows, std::size_t cols, std::vector<T> values)
      : rows_(rows), cols_(cols), values_(std::move(values)) {
    if (values_.size() != rows * cols) {
      throw std::invalid_argument("A matrix of shape (" + std::to_string(rows) + ", " +
                                  std::to_string(cols) + ") needs " + std::to_string(rows * cols) +
                                  " values, got " + std::to_string(values_.size()) + ".");
    }
  }

  std::size_t rows() const { return rows_; }
  std::size_t cols() const { return cols_; }
  T* data() { return values_.data(); }
  const T* data() const { return values_.data(); }
  const std::vector<T>& values() const& { return values_; }
  std::vector<T> values() && { return std::move(values_); }

  T& operator()(std::size_t i, std::size_t j) { return values_[i * cols_ + j]; }
  const T& operator()(std::size_t i, std::size_t j) const { return values_[i * cols_ + j]; }
  std::span<T> row(std::size_t i) { return {data() + i * cols_, cols_}; }
  std::span<const T> row(std::size_t i) const { return {data() + i * cols_, cols_}; }

  MatrixView<T> view() { return {data(), rows_, cols_}; }
  MatrixView<const T> view() const { return {data(), rows_, cols_}; }
  operator MatrixView<const T>() const { return view(); }

  bool operator==(const Matrix&) const = default;

 private:
  std::size_t rows_ = 0;
  std::size_t cols_ = 0;
  std::vector<T> values_;
};

}  // namespace skarma
