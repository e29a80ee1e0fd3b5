#pragma once

#include <skarma/core/kernels/elementwise_math.hpp>
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

// ---- dropout and noise ------------------------------------------------------------------------

constexpr size_t kQuartersAtOnce = 64;

/// The random numbers of up to 4 * kQuartersAtOnce elements of a row, from number `first` on.
template <class Drawn>
[[gnu::always_inline]] inline void draw_words(const Drawn& drawn, size_t row, size_t first,
                                              size_t n, std::uint32_t* words) {
  const std::uint64_t seed = drawn.seed, step = drawn.step;
  const std::uint32_t layer = drawn.layer;
#pragma omp simd
  for (size_t k = 0; k < (n + 3) / 4; ++k) {
    const auto quarter = static_cast<std::uint32_t>(first / 4 + k);
    const PhiloxBlock block =
        dropout_words(seed, step, layer, static_cast<std::uint32_t>(row), quarter);
    words[4 * k] = block.a;
    words[4 * k + 1] = block.b;
    words[4 * k + 2] = block.c;
    words[4 * k + 3] = block.d;
  }
}

/// Calls use(row, first, n, words) for one part of a row after another.
template <class Drawn, class Use>
[[gnu::always_inline]] inline void for_drawn_parts(const Drawn& drawn, size_t begin, size_t end,
                                                   size_t units, const Use& use) {
  constexpr size_t most = 4 * kQuartersAtOnce;
  std::uint32_t words[most];
  for (size_t i = begin; i < end; ++i) {
    for (size_t first = 0; first < units; first += most) {
      const size_t n = units - first < most ? units - first : most;
      draw_words(drawn, i, first, n, words);
      use(i, first, n, static_cast<const std::uint32_t*>(words));
    }
  }
}

template <class T>
void dropout(const Dropout<T>& mask, Strided<const T> from, Strided<T> to, size_t begin, size_t end,
             size_t units) {
  for_drawn_parts(mask, begin, end, units,
                  [&](size_t i, size_t first, size_t n, const std::uint32_t* words) {
                    // Copies, which no store can change: or the loop would be one of branches.
                    const auto kept = mask.kept;
                    const T factor = mask.factor, shift = mask.shift, dropped = mask.dropped;
                    const T* x = from.row(i) + first;
                    T* y = to.row(i) + first;
#pragma omp simd
                    for (size_t j = 0; j < n; ++j) {
                      const bool stays = words[j] < kept;
                      y[j] = x[j] * (stays ? factor : T(0)) + (stays ? shift : dropped);
                    }
                  });
}

/// sin(2 pi t) / 2 pi t and cos(2 pi t) by their series, for |t| <= 1/8, of z = (2 pi t)^2: terms
/// number k and the following ones, where the next factorial is that of 2 k + odd.
template <int odd, int k = 0>
[[gnu::always_inline]] inline double wave_series(double z) {
  if constexpr (k == 8) {
    return 1.0;
  } else {
    constexpr double next = (2 * k + 1 + odd) * (2 * k + 2 + odd);
    return 1.0 - z / next * wave_series<odd, k + 1>(z);
  }
}

/// Two independent normal numbers of two words (Box and Muller, Annals of Mathematical Statistics
/// 29, 1958): up to 6.7 deviations from 0.
[[gnu::always_inline]] inline void put_normals(std::uint32_t a, std::uint32_t b, double* to) {
  const double radius = __builtin_sqrt(-2.0 * kernels::log((a + 0.5) * 0x1p-32));
  const double turn = b * 0x1p-32;
  const double quarter = (4.0 * turn + 0x1.8p52) - 0x1.8p52;  // 0 ... 4, the nearest
  const double angle = (turn - 0.25 * quarter) * 6.283185307179586;
  const double z = angle * angle;
  const double sine = angle * wave_series<1>(z), cosine = wave_series<0>(z);
  const bool is_odd = quarter == 1.0 || quarter == 3.0;
  const double x = is_odd ? sine : cosine, y = is_odd ? cosine : sine;
  to[0] = radius * (quarter == 1.0 || quarter == 2.0 ? -x : x);
  to[1] = radius * (quarter == 2.0 || quarter == 3.0 ? -y : y);
}

template <class T>
void noise(const Noise& noise, Strided<const T> from, Strided<T> to, size_t begin, size_t end,
           size_t units) {
  const double deviation = noise.deviation;
  double normals[4 * kQuartersAtOnce];
  for_drawn_parts(noise, begin, end, units,
                  [&](size_t i, size_t first, size_t n, const std::uint32_t* words) {
#pragma omp simd
                    for (size_t k = 0; k < (n + 1) / 2; ++k) {
                      put_normals(words[2 * k], words[2 * k + 1], normals + 2 * k);
                    }
                    const T* x = from.row(i) + first;
                    T* y = to.row(i) + first;
                    for (size_t j = 0; j < n; ++j) {
                      y[j] = x[j] + static_cast<T>(deviation * normals[j]);
                    }
                  });
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

// ---- layer normalisation ----------------------------------------------------------------------

/// The sum of value(column, lanes), vectors of columns, over a row.
template <class T, class Value>
[[gnu::always_inline]] inline T sum_row(size_t units, const Value& value) {
  Vector<T> sum{};
  size_t j = 0;
  for (; j + kLanes<T> <= units; j += kLanes<T>) sum += value(j, kLanes<T>);
  if (j < units) sum += first_lanes<T>(value(j, units - j), units - j);
  return sum_of_lanes<T>(sum);
}

template <class T>
void normalise_rows(const RowNormalisation<T>& batch) {
  const T count = static_cast<T>(batch.units);
  for (size_t i = 0; i < batch.rows; ++i) {
    T* x = batch.x.row(i);
    const T mean = sum_row<T>(batch.units,
                              [&](size_t j, size_t lanes) {
                                return load_part(static_cast<const T*>(x) + j, lanes);
                              }) /
                   count;
    const T variance = sum_row<T>(batch.units,
                                  [&](size_t j, size_t lanes) {
                                    const Vector<T> distance =
                                        load_part(static_cast<const T*>(x) + j, lanes) - mean;
                                    return distance * distance;
                                  }) /
                       count;
    const T scale =
        static_cast<T>(1.0 / __builtin_sqrt(static_cast<double>(variance) + batch.epsilon));
    batch.scales.row(i)[0] = scale;
    fill(x, batch.units, [&](size_t j, size_t lanes) {
      return (load_part(static_cast<const T*>(x) + j, lanes) - mean) * scale;
    });
    fill(batch.y.row(i), batch.units, [&](size_t j, size_t lanes) {
      return load_part(static_cast<const T*>(x) + j, lanes) * load_part(batch.gamma + j, lanes) +
             load_part(batch.beta + j, lanes);
    });
  }
}

template <class T>
void normalised_sums(const RowNormalisationBack<T>& batch) {
  sum_rows(batch.beta_gradient, batch.rows, batch.units, [&](size_t i, size_t j, size_t lanes) {
    return load_part(batch.delta.row(i) + j, lanes);
  });
  sum_rows(batch.gamma_gradient, batch.rows, batch.units, [&](size_t i, size_t j, size_t lanes) {
    return load_part(batch.delta.row(i) + j, lanes) *
           load_part(static_cast<const T*>(batch.x.row(i)) + j, lanes);
  });
}

/// With n units: scale * (gamma delta - mean(gamma delta) - x mean(gamma delta x)).
template <class T>
void normalise_rows_back(const RowNormalisationBack<T>& batch) {
  const T share = T(1) / static_cast<T>(batch.units);
  for (size_t i = 0; i < batch.rows; ++i) {
    T* x = batch.x.row(i);
    const T* delta = batch.delta.row(i);
    const auto by_normalised = [&](size_t j, size_t lanes) {
      return load_part(delta + j, lanes) * load_part(batch.gamma + j, lanes);
    };
    const T shift = share * sum_row<T>(batch.units, by_normalised);
    const T slope =
        share * sum_row<T>(batch.units, [&](size_t j, size_t lanes) {
          return by_normalised(j, lanes) * load_part(static_cast<const T*>(x) + j, lanes);
        });
    const T scale = batch.scales.row(i)[0];
    fill(x, batch.units, [&](size_t j, size_t lanes) {
      return scale * (by_normalised(j, lanes) - shift -
                      load_part(static_cast<const T*>(x) + j, lanes) * slope);
    });
  }
}

}  // namespace
}  // namespace skarma::kernels
