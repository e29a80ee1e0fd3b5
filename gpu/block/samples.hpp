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

/// Entries of sparse rows are summed in their order, by one thread a row, onto zeros.
template <class S, class T, Block B, class StoredRow>
SKARMA_PORTABLE void scatter_sparse(B& block, const BlockSamples& samples, Count n,
                                    const StoredRow& stored_row, T* out) {
  const S* values = static_cast<const S*>(samples.values);
  each(block, n, [&](Count r) {
    const std::size_t row = stored_row(r);
    T* sample = out + r * samples.n_features;
    for (std::int64_t k = samples.row_starts[row]; k < samples.row_starts[row + 1]; ++k) {
      sample[samples.columns[k]] += static_cast<T>(values[k]);
    }
  });
}

/// `n` samples that were gathered as they are stored.
template <class T, Block B>
SKARMA_PORTABLE void map_gathered(B& block, const BlockSamples& samples, Count n, T* out) {
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

/// Samples that a block reads: those at positions[0], positions[1], ..., or number first, first +
/// 1,
/// ... where positions are null.
struct BlockRows {
  BlockSamples samples;
  const std::uint32_t* sample_positions;
  std::size_t first_sample;
  const std::uint32_t* target_positions;  // of their targets; null: 0, 1, ...
  Count n;

  SKARMA_PORTABLE BlockRows part(Count first, Count rows) const {
    BlockRows some = *this;
    if (sample_positions != nullptr) some.sample_positions += first;
    some.first_sample += first;
    if (target_positions != nullptr) some.target_positions += first;
    some.n = rows;
    return some;
  }
  SKARMA_PORTABLE std::size_t stored_row(Count r) const {
    const std::size_t position =
        sample_positions == nullptr ? first_sample + r : sample_positions[r];
    return samples.rows == nullptr ? position : samples.rows[position];
  }
};

/// The parts of a gathering, of which each needs what the one before wrote. Dense rows come whole
/// in the first.
template <class T, Block B>
SKARMA_PORTABLE void gather_dense_or_zeros(B& block, const BlockRows& rows, T* out) {
  const auto stored_row = [&](Count r) { return rows.stored_row(r); };
  const BlockSamples& samples = rows.samples;
  if (samples.columns != nullptr) {
    each(block, rows.n * samples.n_features, [&](Count i) { out[i] = 0; });
  } else if (samples.is_float32) {
    gather_dense<float>(block, samples, rows.n, stored_row, out);
  } else {
    gather_dense<double>(block, samples, rows.n, stored_row, out);
  }
}
template <class T, Block B>
SKARMA_PORTABLE void gather_entries(B& block, const BlockRows& rows, T* out) {
  const auto stored_row = [&](Count r) { return rows.stored_row(r); };
  if (rows.samples.columns == nullptr) return;
  if (rows.samples.is_float32) {
    scatter_sparse<float>(block, rows.samples, rows.n, stored_row, out);
  } else {
    scatter_sparse<double>(block, rows.samples, rows.n, stored_row, out);
  }
}
template <class T, Block B>
SKARMA_PORTABLE void map_entries(B& block, const BlockRows& rows, T* out) {
  if (rows.samples.columns != nullptr) map_gathered(block, rows.samples, rows.n, out);
}

/// The samples of the rows, to `out`, shape (n, n_features). Maps of sparse rows need the type of
/// the model.
template <class T, Block B>
SKARMA_PORTABLE void gather(B& block, const BlockRows& rows, T* out) {
  gather_dense_or_zeros(block, rows, out);
  gather_entries(block, rows, out);
  map_entries(block, rows, out);
}

}  // namespace skarma::gpu
