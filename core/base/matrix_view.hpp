#pragma once

#include <cstddef>
#include <span>
#include <type_traits>

namespace skarma {

/// Non-owning view of a matrix of shape (rows, cols): rows are samples, the columns of a row are
/// contiguous, and `row_stride` elements lie between the starts of two rows. NumPy's C order fits
/// without a copy; to Armadillo the same memory is a (cols x rows) matrix.
template <class T>
class MatrixView {
 public:
  using value_type = std::remove_const_t<T>;

  constexpr MatrixView() = default;
  constexpr MatrixView(T* data, std::size_t rows, std::size_t cols)
      : MatrixView(data, rows, cols, cols) {}
  constexpr MatrixView(T* data, std::size_t rows, std::size_t cols, std::size_t row_stride)
      : data_(data), rows_(rows), cols_(cols), row_stride_(row_stride) {}

  /// A view of mutable elements is also a view of constant ones.
  template <class U>
  requires(std::is_same_v<const U, T> &&
           !std::is_const_v<U>) constexpr MatrixView(const MatrixView<U>& other)
      : MatrixView(other.data(), other.rows(), other.cols(), other.row_stride()) {}

  constexpr T* data() const { return data_; }
  constexpr std::size_t rows() const { return rows_; }
  constexpr std::size_t cols() const { return cols_; }
  constexpr std::size_t row_stride() const { return row_stride_; }
  constexpr bool is_contiguous() const { return row_stride_ == cols_; }

  constexpr std::span<T> row(std::size_t i) const { return {data_ + i * row_stride_, cols_}; }
  constexpr T& operator()(std::size_t i, std::size_t j) const { return data_[i * row_stride_ + j]; }

 private:
  T* data_ = nullptr;
  std::size_t rows_ = 0;
  std::size_t cols_ = 0;
  std::size_t row_stride_ = 0;
};

}  // namespace skarma
