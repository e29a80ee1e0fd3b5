#include <skarma/core/cpu/layers/dense.hpp>

#include <algorithm>
#include <array>
#include <cmath>

#include <gtest/gtest.h>

#include <skarma/core/cpu/padded_rows.hpp>
#include <skarma/core/kernels/blas_threads.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/guarded_buffer.hpp>
#include <skarma/tests/support/random_numbers.hpp>

namespace skarma {
namespace {

using test::close;
using test::GuardedBuffer;
using test::random_numbers;

template <class T>
constexpr double kTolerance = sizeof(T) == 8 ? 1e-14 : 3e-6;

/// sum over k of a(k) b(k), in long double.
template <class A, class B>
double sum(std::size_t n, A a, B b) {
  long double total = 0;
  for (std::size_t k = 0; k < n; ++k) total += static_cast<long double>(a(k)) * b(k);
  return static_cast<double>(total);
}

template <class T>
MatrixView<T> copied(const MatrixView<const T>& from, const MatrixView<T>& to) {
  for (std::size_t i = 0; i < from.rows(); ++i) {
    std::copy(from.row(i).begin(), from.row(i).end(), to.row(i).begin());
  }
  return to;
}

template <class T>
std::vector<T> elements(const MatrixView<T>& m) {
  std::vector<T> all;
  for (std::size_t i = 0; i < m.rows(); ++i) {
    all.insert(all.end(), m.row(i).begin(), m.row(i).end());
  }
  return all;
}

template <class T>
void check_all_products(std::size_t rows, std::size_t inputs, std::size_t outputs) {
  const LayerPlace layer{inputs, outputs, 0, inputs * outputs};
  const auto parameters = random_numbers<T>(inputs * outputs + outputs, 1);
  const T* w = parameters.data();
  const T* bias = w + layer.intercept;
  const auto input = random_numbers<T>(rows * inputs, 2);
  const auto delta = random_numbers<T>(rows * outputs, 3);
  const MatrixView x(input.data(), rows, inputs), d_z(delta.data(), rows, outputs);
  GuardedBuffer<T> z(rows * outputs), a(rows * outputs), gradient(parameters.size());
  dense_product(layer, w, reading(x), MatrixView(z.data(), rows, outputs));
  dense_forward(layer, *find_activation("tanh"), w, reading(x),
                MatrixView(a.data(), rows, outputs));
  dense_gradient(layer, reading(x), d_z, gradient.data(), true);
  PaddedRows<T> padded(rows, inputs);
  const MatrixView<T> back = copied(x, padded.view(rows, inputs));
  dense_backward(layer, *find_activation("logistic"), w, d_z, back);

  std::vector<double> products, activations, g, d;
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < outputs; ++j) {
      products.push_back(sum(
          inputs, [&](std::size_t k) { return input[i * inputs + k]; },
          [&](std::size_t k) { return w[k * outputs + j]; }));
      activations.push_back(std::tanh(products.back() + static_cast<double>(bias[j])));
    }
    for (std::size_t k = 0; k < inputs; ++k) {
      const double a_k = static_cast<double>(input[i * inputs + k]);
      d.push_back(a_k * (1 - a_k) *
                  sum(
                      outputs, [&](std::size_t j) { return delta[i * outputs + j]; },
                      [&](std::size_t j) { return w[k * outputs + j]; }));
    }
  }
  const auto delta_of = [&](std::size_t j) {
    return [&, j](std::size_t i) { return delta[i * outputs + j]; };
  };
  for (std::size_t k = 0; k < inputs; ++k) {
    for (std::size_t j = 0; j < outputs; ++j) {
      const auto input_of_k = [&](std::size_t i) { return input[i * inputs + k]; };
      g.push_back(sum(rows, input_of_k, delta_of(j)));
    }
  }
  for (std::size_t j = 0; j < outputs; ++j) {
    g.push_back(sum(
        rows, [](std::size_t) { return T(1); }, delta_of(j)));
  }
  EXPECT_TRUE(close(z.values(), products, kTolerance<T>));
  EXPECT_TRUE(close(a.values(), activations, 10 * kTolerance<T>));
  EXPECT_TRUE(close(gradient.values(), g, kTolerance<T>));
  EXPECT_TRUE(close(elements(back), d, kTolerance<T>));
  EXPECT_TRUE(z.sentinels_intact() && a.sentinels_intact() && gradient.sentinels_intact());
}

TEST(Dense, ProductsEqualNaiveSums) {
  for (const auto& [rows, inputs, outputs] : {std::tuple{1, 1, 1},
                                              {1, 5, 3},
                                              {7, 1, 4},
                                              {6, 3, 1},
                                              {33, 17, 65},
                                              {200, 784, 100},
                                              {3, 1050, 1000}}) {  // the last one by BLAS
    SCOPED_TRACE(testing::Message() << rows << " rows, " << inputs << " to " << outputs);
    const auto n = [](int v) { return static_cast<std::size_t>(v); };
    check_all_products<double>(n(rows), n(inputs), n(outputs));
    check_all_products<float>(n(rows), n(inputs), n(outputs));
  }
}

/// Shapes on both sides of where products are cut, wide and tall ones.
template <class T>
void check_that_threads_change_no_bit(std::string_view activation) {
  const kernels::SingleThreadedBlas guard;  // as in the engine: the threads are ours
  for (const auto& [rows, inputs, outputs] : {std::array<std::size_t, 3>{200, 784, 100},
                                              {128, 512, 520},
                                              {2000, 30, 100},
                                              {7, 5, 3},
                                              {16, 1050, 1000}}) {  // the last one by BLAS
    const LayerPlace layer{inputs, outputs, 0, inputs * outputs};
    const auto w = random_numbers<T>(inputs * outputs + outputs, 1);
    const auto input = random_numbers<T>(rows * inputs, 2);
    const auto delta = random_numbers<T>(rows * outputs, 3);
    const MatrixView x(input.data(), rows, inputs), d_z(delta.data(), rows, outputs);
    std::vector<std::vector<T>> results;
    for (const int n_threads : {1, 2, 4, 3}) {
      ThreadTeam team(n_threads);
      std::vector<T> z(rows * outputs), gradient(w.size());
      PaddedRows<T> padded(rows, inputs);
      const MatrixView<T> back = copied(x, padded.view(rows, inputs));
      dense_forward(layer, *find_activation(activation), w.data(), reading(x),
                    MatrixView(z.data(), rows, outputs), team);
      dense_gradient(layer, reading(x), d_z, gradient.data(), true, team);
      dense_backward(layer, *find_activation(activation), w.data(), d_z, back, team);
      z.insert(z.end(), gradient.begin(), gradient.end());
      const auto deltas = elements(back);
      z.insert(z.end(), deltas.begin(), deltas.end());
      results.push_back(std::move(z));
    }
    for (const auto& result : results) EXPECT_TRUE(test::same_bits(result, results.front()));
  }
}

TEST(Dense, ThreadsChangeNoBit) {
  for (const auto activation : {"tanh", "elu"})
    check_that_threads_change_no_bit<double>(activation);
  for (const auto activation : {"tanh", "elu"}) check_that_threads_change_no_bit<float>(activation);
}

}  // namespace
}  // namespace skarma
