#pragma once

#include <cstddef>

#include <skarma/gpu/block/block.hpp>

namespace skarma::gpu {

/// A matrix as a product reads it: element (i, j) is data[i * row_step + j * column_step].
template <class T>
struct Factor {
  const T* data;
  Count row_step, column_step;
  SKARMA_PORTABLE T operator()(Count i, Count j) const {
    return data[i * row_step + j * column_step];
  }
};

/// Rows and columns whose sums a thread has in registers at once, so that each number that it reads
/// is used so often.
inline constexpr Count kTile = 4;

template <class T, Count n_rows, Count n_columns, Block B, class Start, class Put>
SKARMA_PORTABLE void product_by_tiles(B& block, Count rows, Count columns, Count depth,
                                      Factor<T> left, Factor<T> right, const Start& start,
                                      const Put& put) {
  // A tile's rows and columns lie apart, so that neighbouring threads read neighbouring numbers.
  const Count row_gap = (rows + n_rows - 1) / n_rows;
  const Count column_gap = (columns + n_columns - 1) / n_columns;
  each(block, row_gap * column_gap, [&](Count tile) {
    const Count row = tile / column_gap, column = tile % column_gap;
    T sums[n_rows][n_columns] = {};
    for (Count i = 0; i < n_rows && row + i * row_gap < rows; ++i) {
      for (Count j = 0; j < n_columns && column + j * column_gap < columns; ++j) {
        sums[i][j] = start(row + i * row_gap, column + j * column_gap);
      }
    }
    for (Count k = 0; k < depth; ++k) {
      T a[n_rows], b[n_columns];
      for (Count i = 0; i < n_rows; ++i) {
        const Count at = row + i * row_gap;
        a[i] = left(at < rows ? at : row, k);
      }
      for (Count j = 0; j < n_columns; ++j) {
        const Count at = column + j * column_gap;
        b[j] = right(k, at < columns ? at : column);
      }
      for (Count i = 0; i < n_rows; ++i) {
        for (Count j = 0; j < n_columns; ++j) sums[i][j] += a[i] * b[j];
      }
    }
    for (Count i = 0; i < n_rows && row + i * row_gap < rows; ++i) {
      for (Count j = 0; j < n_columns && column + j * column_gap < columns; ++j) {
        put(row + i * row_gap, column + j * column_gap, sums[i][j]);
      }
    }
  });
}

/// put(i, j, start(i, j) + sum over k of left(i, k) * right(k, j)) for all rows i and columns j.
/// Each sum is made in the order of k.
template <class T, Block B, class Start, class Put>
SKARMA_PORTABLE void product(B& block, Count rows, Count columns, Count depth, Factor<T> left,
                             Factor<T> right, const Start& start, const Put& put) {
  if (rows >= kTile && columns >= kTile) {
    product_by_tiles<T, kTile, kTile>(block, rows, columns, depth, left, right, start, put);
  } else {
    product_by_tiles<T, 1, 1>(block, rows, columns, depth, left, right, start, put);
  }
}

/// Sums that start with 0.
template <class T>
struct FromZero {
  SKARMA_PORTABLE T operator()(Count, Count) const { return 0; }
};

}  // namespace skarma::gpu
