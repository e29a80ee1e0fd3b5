#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include <skarma/core/base/column_transform.hpp>
#include <skarma/core/base/csr_matrix.hpp>
#include <skarma/core/base/csr_view.hpp>
#include <skarma/core/base/matrix.hpp>
#include <skarma/core/base/matrix_view.hpp>
#include <skarma/core/base/random_state.hpp>

namespace skarma {

/// What an estimator learns from or predicts: float32 or float64 samples of shape
/// (n_samples, n_features), dense or sparse, possibly a choice of rows and column transforms on
/// top, none of which copies the data. The matrix and the row list must outlive the view, unless it
/// owns its matrix (`owning`).
class SampleView {
 public:
  SampleView(MatrixView<const double> x) : x_(x) {}
  SampleView(MatrixView<const float> x) : x_(x) {}
  SampleView(MatrixView<double> x) : x_(MatrixView<const double>(x)) {}
  SampleView(MatrixView<float> x) : x_(MatrixView<const float>(x)) {}
  SampleView(const Matrix<double>& x) : x_(x.view()) {}
  SampleView(const Matrix<float>& x) : x_(x.view()) {}
  SampleView(CsrView<double> x) : x_(x) {}
  SampleView(CsrView<float> x) : x_(x) {}

  /// Samples that this view and its copies own together: what is computed anew, not seen through.
  template <class T>
  static SampleView owning(Matrix<T> x);
  template <class T>
  static SampleView owning(CsrMatrix<T> x);

  std::size_t n_samples() const { return selected_ ? rows_.size() : n_stored_rows(); }
  std::size_t n_features() const;
  bool is_float32() const;

  /// The chosen samples of this view, in the given order; `rows` must outlive the result.
  /// Throws std::out_of_range if a row does not exist.
  SampleView rows(std::span<const RowIndex> rows) const;
  /// The same samples seen through one more transform, applied after those already there.
  SampleView transformed(std::shared_ptr<const ColumnTransform> transform) const;

  /// Writes samples `first`, `first + 1`, ... to `out`, shape (count, n_features), contiguous.
  template <class T>
  void gather(std::size_t first, std::size_t count, T* out) const;
  /// Writes the samples at `positions` of this view to `out`, in that order.
  template <class T>
  void gather(std::span<const RowIndex> positions, T* out) const;
  /// All samples, shape (n_samples, n_features).
  template <class T>
  Matrix<T> gathered() const;

  /// The samples themselves when nothing stands between: dense, type T, all rows, no transform.
  template <class T>
  const MatrixView<const T>* plain() const;
  /// The dense matrix behind samples of type T without transforms, otherwise null. Sample i is its
  /// row stored_row(i).
  template <class T>
  const MatrixView<const T>* dense() const;
  /// The sparse matrix behind samples of type T without transforms, otherwise null. Sample i is its
  /// row stored_row(i).
  template <class T>
  const CsrView<T>* sparse() const;
  std::size_t stored_row(std::size_t position) const {
    return selected_ ? rows_[position] : position;
  }

  /// What the view is made of: the stored matrix, the chosen rows of it (nullopt: all of them), and
  /// the transforms in their order. All are valid as long as this.
  using Stored = std::variant<MatrixView<const double>, MatrixView<const float>, CsrView<double>,
                              CsrView<float>>;
  const Stored& stored() const { return x_; }
  std::optional<std::span<const RowIndex>> chosen_rows() const {
    return selected_ ? std::optional(rows_) : std::nullopt;
  }
  std::span<const std::shared_ptr<const ColumnTransform>> transforms() const { return transforms_; }

  /// Whether it is made of the same as another view: the matrix and the rows by where they lie.
  bool is_same_as(const SampleView& other) const;

  /// The first value (row and column of the stored matrix) that is NaN or infinite, if any.
  struct BadValue {
    std::size_t row, column;
    bool is_nan;
  };
  std::optional<BadValue> find_not_finite() const;

 private:
  std::size_t n_stored_rows() const;
  template <class T, class Position>
  void gather_by(std::size_t count, Position position, T* out) const;

  Stored x_;
  std::shared_ptr<const void> owned_;  // what x_ is a view of, if it is the view's own
  std::span<const RowIndex> rows_;
  bool selected_ = false;
  std::shared_ptr<const std::vector<RowIndex>> composed_rows_;  // a selection of a selection
  std::vector<std::shared_ptr<const ColumnTransform>> transforms_;
};

}  // namespace skarma
