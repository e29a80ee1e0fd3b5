#pragma once

#include <cstddef>
#include <cstdint>

#include <skarma/gpu/block/block.hpp>

// How a block reads samples, which lie in the device's memory as they were stored.

namespace skarma::gpu {

/// A ColumnTransform.
struct BlockMap {
  const double* offset;
  const double* scale;
  double low, high;
  bool standardises, clips;
};

/// Chosen rows of a stored matrix, transformed, then rounded to the type of the model.
struct BlockSamples {
  const void* values;  // float or double: dense rows, or the entries of sparse ones
  bool is_float32;
  const std::int32_t* columns;     // of each entry; null: dense
  const std::int64_t* row_starts;  // sparse: entries of row i begin at row_starts[i]
  std::size_t row_stride;          // dense
  const std::uint32_t* rows;       // the stored row of each sample; null: all in their order
  const BlockMap* maps;            // one after another
  Count n_maps;
  Count n_features;
};

/// Rounded, whatever is done with it next.
template <class S>
SKARMA_PORTABLE S rounded_product(S a, S b) {
#ifdef __CUDA_ARCH__
  if constexpr (sizeof(S) == sizeof(float)) {
    return __fmul_rn(a, b);
  } else {
    return __dmul_rn(a, b);
  }
#else
  return a * b;  // compiled without fused multiply-add
#endif
}

template <class S>
SKARMA_PORTABLE S mapped(const BlockMap& map, Count column, S x) {
  const S offset = static_cast<S>(map.offset[column]), scale = static_cast<S>(map.scale[column]);
  if (map.standardises) return (x - offset) / scale;
  x = rounded_product(x, scale) + offset;
  if (!map.clips) return x;
  const S low = static_cast<S>(map.low), high = static_cast<S>(map.high);
  return x < low ? low : x > high ? high : x;
}

template <class S>
SKARMA_PORTABLE S mapped_by_all(const BlockSamples& samples, Count column, S x) {
  for (Count i = 0; i < samples.n_maps; ++i) x = mapped(samples.maps[i], column, x);
  return x;
}

/// Entries of sparse rows are summed in their order, by one thread a row.
template <class S, class T, Block B, class StoredRow>
SKARMA_PORTABLE void gather_sparse(B& block, const BlockSamples& samples, Count n,
                                   const StoredRow& stored_row, T* out) {
  const S* values = static_cast<const S*>(samples.values);
  each(block, n * samples.n_features, [&](Count i) { out[i] = 0; });
  each(block, n, [&](Count r) {
    const std::size_t row = stored_row(r);
    T* sample = out + r * samples.n_features;
    for (std::int64_t k = samples.row_starts[row]; k < samples.row_starts[row + 1]; ++k) {
      sample[samples.columns[k]] += static_cast<T>(values[k]);
    }
  });
  if (samples.n_maps == 0) return;
  each(block, n * samples.n_features,
       [&](Count i) { out[i] = mapped_by_all(samples, i % samples.n_features, out[i]); });
}

template <class S, class T, Block B, class StoredRow>
SKARMA_PORTABLE void gather_dense(B& block, const BlockSamples& samples, Count n,
                                  const StoredRow& stored_row, T* out) {
  const S* values = static_cast<const S*>(samples.values);
  each(block, n * samples.n_features, [&](Count i) {
    const Count column = i % samples.n_features;
    const S x = values[stored_row(i / samples.n_features) * samples.row_stride + column];
    out[i] = static_cast<T>(mapped_by_all(samples, column, x));
  });
}

/// The samples at positions[0] ... positions[n - 1], or number first ... first + n - 1 where
/// positions are null, to `out`, shape (n, n_features). Maps of sparse rows need the type of the
/// model.
template <class T, Block B>
SKARMA_PORTABLE void gather(B& block, const BlockSamples& samples, const std::uint32_t* positions,
                            std::size_t first, Count n, T* out) {
  const auto stored_row = [&](Count r) -> std::size_t {
    const std::size_t position = positions == nullptr ? first + r : positions[r];
    return samples.rows == nullptr ? position : samples.rows[position];
  };
  const bool is_sparse = samples.columns != nullptr;
  if (samples.is_float32) {
    is_sparse ? gather_sparse<float>(block, samples, n, stored_row, out)
              : gather_dense<float>(block, samples, n, stored_row, out);
  } else {
    is_sparse ? gather_sparse<double>(block, samples, n, stored_row, out)
              : gather_dense<double>(block, samples, n, stored_row, out);
  }
}

}  // namespace skarma::gpu
