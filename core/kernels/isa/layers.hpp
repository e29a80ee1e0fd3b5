#pragma once

#include <skarma/core/kernels/isa/sums.hpp>
#include <skarma/core/kernels/philox.hpp>

// What stands around the products of hidden layers.

namespace skarma::kernels {
namespace {

template <class T>
void add(Strided<const T> a, Strided<const T> b, Strided<T> c, size_t rows, size_t units) {
  for (size_t i = 0; i < rows; ++i) {
    fill(c.row(i), units, [&, x = a.row(i), y = b.row(i)](size_t j, size_t lanes) {
      return load_part(x + j, lanes) + load_part(y + j, lanes);
    });
  }
}

// ---- dropout ----------------------------------------------------------------------------------

template <class T>
void dropout(const Dropout<T>& mask, Strided<const T> from, Strided<T> to, size_t begin, size_t end,
             size_t units) {
  // Copies, which no store can change: or the last loop would be one of branches.
  const std::uint32_t kept = mask.kept;
  const T factor = mask.factor;
  constexpr size_t most = 64;  // quarters at a time
  std::uint32_t words[4 * most];
  for (size_t i = begin; i < end; ++i) {
    const auto row = static_cast<std::uint32_t>(i);
    for (size_t first = 0; first < units; first += 4 * most) {
      const size_t n = units - first < 4 * most ? units - first : 4 * most;
#pragma omp simd
      for (size_t k = 0; k < (n + 3) / 4; ++k) {
        const auto quarter = static_cast<std::uint32_t>(first / 4 + k);
        const PhiloxBlock block = dropout_words(mask.seed, mask.step, mask.layer, row, quarter);
        words[4 * k] = block.a;
        words[4 * k + 1] = block.b;
        words[4 * k + 2] = block.c;
        words[4 * k + 3] = block.d;
      }
      const T* x = from.row(i) + first;
      T* y = to.row(i) + first;
#pragma omp simd
      for (size_t j = 0; j < n; ++j) y[j] = x[j] * (words[j] < kept ? factor : T(0));
    }
  }
}

// ---- batch normalisation ----------------------------------------------------------------------

/// to (units) = the sums over the rows of value(row, column, lanes), vectors of columns.
template <class T, class Value>
[[gnu::always_inline]] inline void sum_rows(T* to, size_t rows, size_t units, const Value& value) {
  fill(to, units, [&](size_t j, size_t lanes) {
    Vector<T> sum{};
    for (size_t i = 0; i < rows; ++i) sum += value(i, j, lanes);
    return sum;
  });
}

template <class T>
void column_moments(Strided<const T> x, size_t rows, size_t units, T* mean, T* variance) {
  const T count = static_cast<T>(rows);
  sum_rows(mean, rows, units,
           [&](size_t i, size_t j, size_t lanes) { return load_part(x.row(i) + j, lanes); });
  for (size_t j = 0; j < units; ++j) mean[j] /= count;
  sum_rows(variance, rows, units, [&](size_t i, size_t j, size_t lanes) {
    const Vector<T> distance = load_part(x.row(i) + j, lanes) - load_part(mean + j, lanes);
    return distance * distance;
  });
  for (size_t j = 0; j < units; ++j) variance[j] /= count;
}

template <class T>
void normalise(const Normalisation<T>& batch) {
  for (size_t i = 0; i < batch.rows; ++i) {
    T* x = batch.x.row(i);
    fill(x, batch.units, [&](size_t j, size_t lanes) {
      return (load_part(x + j, lanes) - load_part(batch.mean + j, lanes)) *
             load_part(batch.inverse + j, lanes);
    });
    fill(batch.y.row(i), batch.units, [&](size_t j, size_t lanes) {
      return load_part(x + j, lanes) * load_part(batch.gamma + j, lanes) +
             load_part(batch.beta + j, lanes);
    });
  }
}

/// With n rows: gamma * inverse * (delta - mean(delta) - x mean(delta x)).
template <class T>
void normalise_back(const NormalisationBack<T>& batch) {
  const auto& [delta, x, rows, units, inverse, gamma, gamma_gradient, beta_gradient] = batch;
  sum_rows(beta_gradient, rows, units, [&, &d = delta](size_t i, size_t j, size_t lanes) {
    return load_part(d.row(i) + j, lanes);
  });
  sum_rows(gamma_gradient, rows, units, [&, &d = delta, &y = x](size_t i, size_t j, size_t lanes) {
    return load_part(d.row(i) + j, lanes) * load_part(static_cast<const T*>(y.row(i)) + j, lanes);
  });
  const T share = T(1) / static_cast<T>(rows);
  for (size_t i = 0; i < rows; ++i) {
    const T* d = delta.row(i);
    T* normalised = x.row(i);
    fill(normalised, units,
         [&, of_beta = beta_gradient, of_gamma = gamma_gradient, factor = inverse, scale = gamma](
             size_t j, size_t lanes) {
           const Vector<T> shift = share * load_part(static_cast<const T*>(of_beta) + j, lanes);
           const Vector<T> slope = share * load_part(static_cast<const T*>(of_gamma) + j, lanes);
           const Vector<T> rest = load_part(d + j, lanes) - shift -
                                  load_part(static_cast<const T*>(normalised) + j, lanes) * slope;
           return load_part(scale + j, lanes) * load_part(factor + j, lanes) * rest;
         });
  }
}

}  // namespace
}  // namespace skarma::kernels
