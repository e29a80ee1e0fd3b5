// Every kernel against a naive reference in long double, with sentinels around what it may write.
// CTest runs these tests once for each instruction set (SKARMA_ISA); tests/CMakeLists.txt.
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#include <gtest/gtest.h>

#include <skarma/core/kernels/dispatch.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/guarded_buffer.hpp>
#include <skarma/tests/support/kernel_test.hpp>
#include <skarma/tests/support/naive_activations.hpp>
#include <skarma/tests/support/random_numbers.hpp>
#include <skarma/tests/support/ulps.hpp>

namespace skarma::kernels {
namespace {

using Real = long double;
using test::activated;
using test::derivative;
using test::GuardedBuffer;
using test::random_numbers;

struct Shape {
  std::size_t rows, units;
};

/// Every width and height from 1 to 70, so that every tail of a vector loop occurs.
std::vector<Shape> shapes() {
  std::vector<Shape> all;
  for (std::size_t n = 1; n <= 70; ++n) {
    all.push_back({3, n});
    all.push_back({n, 1});
    all.push_back({n, 5});
  }
  return all;
}

template <class T>
class Kernels : public test::KernelTest<T> {};
TYPED_TEST_SUITE(Kernels, test::RealTypes);

std::vector<Real> softmax(const std::vector<Real>& z) {
  Real sum = 0;
  std::vector<Real> p;
  for (const Real v : z) p.push_back(std::exp(v));
  for (const Real v : p) sum += v;
  for (Real& v : p) v /= sum;
  return p;
}

TYPED_TEST(Kernels, BiasActivate) {
  using T = TypeParam;
  for (int kernel = 0; kernel < kActivationKernels; ++kernel) {
    for (const auto& [rows, units] : shapes()) {
      const auto bias = random_numbers<T>(units, 1);
      const auto z = random_numbers<T>(rows * units, 2, -6, 6);
      GuardedBuffer<T> buffer(z);
      this->table_->bias_activate[kernel]({buffer.data(), units}, bias.data(), rows, units);
      const auto result = buffer.values();
      for (std::size_t i = 0; i < z.size(); ++i) {
        const T sum = z[i] + bias[i % units];
        EXPECT_LE(test::ulps<T>(result[i], activated(kernel, sum)), 2.5)
            << "kernel " << kernel << " of " << sum << " in " << rows << " x " << units;
      }
      EXPECT_TRUE(buffer.sentinels_intact());
    }
  }
}

/// The vectorised loops keep the promise of elementwise_math.hpp over the whole range.
TYPED_TEST(Kernels, ActivationsWithinTwoAndAHalfUlp) {
  using T = TypeParam;
  const T edge = T(-0.999) * std::log(std::numeric_limits<T>::max());
  const T bias = 0;
  for (const auto& [kernel, low, high] : {std::tuple{kExp, T(1.2) * edge, -edge},
                                          {kTanh, T(-25), T(25)},
                                          {kLogistic, edge, -edge},
                                          {kExp, T(-1), T(1)},
                                          {kTanh, T(-0.01), T(0.01)},
                                          {kTanh, T(0.19), T(0.22)},
                                          {kLogistic, T(-2), T(2)}}) {
    const auto x = random_numbers<T>(200000, 3, low, high);
    auto y = x;
    this->table_->bias_activate[kernel]({y.data(), 1}, &bias, y.size(), 1);
    double worst = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      worst = std::max(worst, test::ulps<T>(y[i], activated(kernel, x[i])));
    }
    EXPECT_LE(worst, 2.5) << "kernel " << kernel << " between " << low << " and " << high;
  }
}

TYPED_TEST(Kernels, NaNStaysAndInfinitiesAreRight) {
  using T = TypeParam;
  constexpr T infinity = std::numeric_limits<T>::infinity();
  constexpr T nan = std::numeric_limits<T>::quiet_NaN();
  const std::vector<T> zeros(9, T(0));
  const T expected_plus[] = {infinity, 1, 1, infinity, infinity};
  const T expected_minus[] = {-infinity, 0, -1, 0, 0};
  for (int kernel = 0; kernel < kActivationKernels; ++kernel) {
    for (const std::size_t units : {1, 9}) {
      std::vector<T> z(9, nan);
      z[1] = infinity;
      z[2] = -infinity;
      this->table_->bias_activate[kernel]({z.data(), units}, zeros.data(), 9 / units, units);
      EXPECT_EQ(z[1], expected_plus[kernel]);
      EXPECT_EQ(z[2], expected_minus[kernel]);
      for (const std::size_t i : {0, 3, 4, 5, 6, 7, 8}) EXPECT_TRUE(std::isnan(z[i]));
    }
  }
}

TYPED_TEST(Kernels, BiasSoftmax) {
  using T = TypeParam;
  for (const auto& [rows, units] : shapes()) {
    const auto bias = random_numbers<T>(units, 1);
    const auto z = random_numbers<T>(rows * units, 2, -4, 4);
    GuardedBuffer<T> buffer(z);
    this->table_->bias_softmax(buffer.data(), bias.data(), rows, units);
    std::vector<Real> expected;
    for (std::size_t i = 0; i < rows; ++i) {
      std::vector<Real> row;
      for (std::size_t j = 0; j < units; ++j) row.push_back(Real(z[i * units + j]) + bias[j]);
      for (const Real p : softmax(row)) expected.push_back(p);
    }
    EXPECT_TRUE(test::close(buffer.values(), expected, 8 * this->kEpsilon)) << rows << "x" << units;
    EXPECT_TRUE(buffer.sentinels_intact());
  }
}

TYPED_TEST(Kernels, SoftmaxOfHugeScoresAndOfNaN) {
  using T = TypeParam;
  constexpr T nan = std::numeric_limits<T>::quiet_NaN();
  const std::vector<T> bias(3, T(0));
  std::vector<T> z{T(1e30), T(-1e30), T(1e30), 0, 0, nan, nan, 0, 0, 1, 1, 1};
  this->table_->bias_softmax(z.data(), bias.data(), 4, 3);
  EXPECT_EQ(std::vector<T>(z.begin(), z.begin() + 3), (std::vector<T>{0.5, 0, 0.5}));
  for (std::size_t i = 3; i < 9; ++i) EXPECT_TRUE(std::isnan(z[i]));
  EXPECT_NEAR(z[11], 1.0 / 3, this->kEpsilon);
}

TYPED_TEST(Kernels, MaskIsTheDerivative) {
  using T = TypeParam;
  for (int kernel = 0; kernel < kExp; ++kernel) {
    for (std::size_t n = 1; n <= 70; ++n) {
      auto a = random_numbers<T>(n, 1);
      if (kernel == kRelu) {
        for (T& v : a) v = std::max(v, T(0));
      }
      const auto delta = random_numbers<T>(n, 2);
      GuardedBuffer<T> buffer(a);
      this->table_->mask[kernel]({delta.data(), n}, {buffer.data(), n}, 1, n);
      std::vector<Real> masked;
      for (std::size_t i = 0; i < n; ++i) masked.push_back(delta[i] * derivative(kernel, a[i]));
      EXPECT_TRUE(test::close(buffer.values(), masked, 4 * this->kEpsilon)) << "kernel " << kernel;
      EXPECT_TRUE(buffer.sentinels_intact());
    }
  }
}

TYPED_TEST(Kernels, ColumnSums) {
  using T = TypeParam;
  for (const auto& [rows, units] : shapes()) {
    const auto matrix = random_numbers<T>(rows * units, 2);
    GuardedBuffer<T> sums(random_numbers<T>(units, 3));
    this->table_->column_sums({matrix.data(), units}, rows, units, sums.data());
    std::vector<Real> expected(units);
    for (std::size_t i = 0; i < matrix.size(); ++i) expected[i % units] += matrix[i];
    const auto result = sums.values();
    for (std::size_t j = 0; j < units; ++j) {
      EXPECT_NEAR(static_cast<double>(result[j]), static_cast<double>(expected[j]),
                  static_cast<double>(2 * rows + 4) * this->kEpsilon);
    }
    EXPECT_TRUE(sums.sentinels_intact());
  }
}

/// Rows a gap apart give what rows that touch give, and the gap is left alone.
TYPED_TEST(Kernels, RowsMayLieApart) {
  using T = TypeParam;
  for (const auto& [rows, units] : shapes()) {
    const std::size_t stride = units + 3;
    const auto touching = random_numbers<T>(rows * units, 1, 0.1, 0.9);
    const auto deltas = random_numbers<T>(rows * units, 2);
    const auto bias = random_numbers<T>(units, 3);
    const T gap = 7;
    const auto spread = [&, rows = rows, units = units](const std::vector<T>& matrix) {
      std::vector<T> wide(rows * stride, gap);
      for (std::size_t k = 0; k < matrix.size(); ++k) {
        wide[k / units * stride + k % units] = matrix[k];
      }
      return wide;
    };
    auto a = touching, wide_a = spread(touching);
    this->table_->bias_activate[kRelu]({a.data(), units}, bias.data(), rows, units);
    this->table_->bias_activate[kRelu]({wide_a.data(), stride}, bias.data(), rows, units);
    EXPECT_EQ(wide_a, spread(a)) << rows << " x " << units;
    const auto wide_deltas = spread(deltas);
    this->table_->mask[kTanh]({deltas.data(), units}, {a.data(), units}, rows, units);
    this->table_->mask[kTanh]({wide_deltas.data(), stride}, {wide_a.data(), stride}, rows, units);
    const auto masked = spread(a);
    EXPECT_TRUE(
        test::close(wide_a, std::vector<Real>(masked.begin(), masked.end()), 4 * this->kEpsilon));
    std::vector<T> sums(units), wide_sums(units);
    this->table_->column_sums({deltas.data(), units}, rows, units, sums.data());
    this->table_->column_sums({wide_deltas.data(), stride}, rows, units, wide_sums.data());
    EXPECT_TRUE(test::close(wide_sums, std::vector<Real>(sums.begin(), sums.end()),
                            static_cast<double>(rows) * this->kEpsilon));
  }
}

/// What output_delta should make of a batch.
struct NaiveOutput {
  std::vector<Real> delta, bias_gradient;
  Real loss = 0;
};

template <class T>
NaiveOutput naive_output(LossKernel kernel, const OutputBatch<T>& batch, const std::vector<T>& z) {
  constexpr Real eps = std::numeric_limits<T>::epsilon();
  NaiveOutput result;
  result.bias_gradient.resize(batch.units);
  for (std::size_t i = 0; i < batch.rows; ++i) {
    std::vector<Real> out, target(batch.units);
    for (std::size_t j = 0; j < batch.units; ++j) {
      out.push_back(Real(z[i * batch.units + j]) + batch.bias[j]);
      if (batch.targets != nullptr) target[j] = batch.targets[i * batch.units + j];
    }
    if (kernel == kSoftmaxLog) {
      out = softmax(out);
      target[static_cast<std::size_t>(batch.codes[i])] = 1;
    }
    const Real weight = batch.weights != nullptr ? batch.weights[i] : 1;
    Real loss = 0;
    for (std::size_t j = 0; j < batch.units; ++j) {
      Real& o = out[j];
      const Real y = target[j];
      if (kernel == kLogisticLog) o = activated(kLogistic, o);
      if (kernel == kPoisson) o = std::exp(o);
      const Real p = std::clamp(o, eps, 1 - eps);
      if (kernel == kSoftmaxLog) loss -= y * std::log(p);
      if (kernel == kLogisticLog) loss -= y * std::log(p) + (1 - y) * std::log(1 - p);
      if (kernel == kSquaredError) loss += (y - o) * (y - o) / 2 / static_cast<Real>(batch.units);
      if (kernel == kPoisson) loss += (y == 0 ? 0 : y * std::log(y / o)) - y + o;
      result.delta.push_back((o - y) * weight);
      result.bias_gradient[j] += result.delta.back();
    }
    result.loss += weight * loss;
  }
  return result;
}

/// Targets for a loss: labels 0 and 1, counts, real numbers.
template <class T>
std::vector<T> targets_for(LossKernel kernel, std::size_t n) {
  auto values = random_numbers<T>(n, 5, -1, 1);
  for (T& v : values) {
    if (kernel == kLogisticLog) v = v > 0 ? T(1) : T(0);
    if (kernel == kPoisson) v = std::floor(2 + 2 * v);
  }
  return values;
}

template <class T>
void check_output_delta(const KernelTable<T>& table, LossKernel kernel, std::size_t rows,
                        std::size_t units, bool weighted) {
  constexpr double eps = std::numeric_limits<T>::epsilon();
  const auto bias = random_numbers<T>(units, 1);
  const auto z = random_numbers<T>(rows * units, 2, -3, 3);
  const auto weights = random_numbers<T>(rows, 3, 0.2, 2.0);
  const auto targets = targets_for<T>(kernel, rows * units);
  std::vector<std::int32_t> codes;
  for (std::size_t i = 0; i < rows; ++i) codes.push_back(static_cast<std::int32_t>(i * 7 % units));
  GuardedBuffer<T> output(z), sums(random_numbers<T>(units, 4));
  const bool softmax_loss = kernel == kSoftmaxLog;
  const OutputBatch<T> batch{output.data(),
                             bias.data(),
                             softmax_loss ? nullptr : targets.data(),
                             softmax_loss ? codes.data() : nullptr,
                             weighted ? weights.data() : nullptr,
                             rows,
                             units};
  const double loss = table.output_delta[kernel](batch, sums.data());
  const NaiveOutput expected = naive_output(kernel, batch, z);
  const auto delta = output.values();
  for (std::size_t i = 0; i < delta.size(); ++i) {
    const double exact = static_cast<double>(expected.delta[i]);
    EXPECT_NEAR(static_cast<double>(delta[i]), exact, 16 * eps * std::max(1.0, std::abs(exact)));
  }
  // Rounding of one p in 1 - p, and of sums as long as the batch.
  const double scale = static_cast<double>(rows * units);
  EXPECT_NEAR(loss, static_cast<double>(expected.loss), 100 * eps * scale);
  const auto columns = sums.values();
  for (std::size_t j = 0; j < units; ++j) {
    EXPECT_NEAR(static_cast<double>(columns[j]), static_cast<double>(expected.bias_gradient[j]),
                100 * eps * static_cast<double>(rows));
  }
  EXPECT_TRUE(output.sentinels_intact() && sums.sentinels_intact());
}

TYPED_TEST(Kernels, OutputDelta) {
  for (const LossKernel kernel : {kSoftmaxLog, kLogisticLog, kSquaredError, kPoisson}) {
    for (const auto& [rows, units] : shapes()) {
      for (const bool weighted : {false, true}) {
        SCOPED_TRACE(testing::Message() << "loss " << kernel << ", " << rows << " x " << units
                                        << (weighted ? ", weighted" : ""));
        check_output_delta(*this->table_, kernel, rows, units, weighted);
      }
    }
  }
}

/// Probabilities of 0 and 1 are clipped by the epsilon of their own type, in the loss alone.
TYPED_TEST(Kernels, SaturatedProbabilitiesAreClippedInTheLossAlone) {
  using T = TypeParam;
  const double worst = -std::log(static_cast<double>(std::numeric_limits<T>::epsilon()));
  const T bias[] = {0, 0}, target = 0;
  T one_output[] = {1000}, gradient[2];
  const double logistic_loss = this->table_->output_delta[kLogisticLog](
      {one_output, bias, &target, nullptr, nullptr, 1, 1}, gradient);
  EXPECT_NEAR(logistic_loss, worst, 1e-14 * worst);
  EXPECT_EQ(one_output[0], T(1));

  T two_outputs[] = {1000, -1000};
  const std::int32_t code = 1;
  const double softmax_loss = this->table_->output_delta[kSoftmaxLog](
      {two_outputs, bias, nullptr, &code, nullptr, 1, 2}, gradient);
  EXPECT_NEAR(softmax_loss, worst, 1e-14 * worst);
  EXPECT_EQ(two_outputs[0], T(1));
  EXPECT_EQ(two_outputs[1], T(-1));
}

TYPED_TEST(Kernels, PoissonOfCountZeroAndOfNegativeTargets) {
  using T = TypeParam;
  const T bias = 0, zero = 0, negative = -1;
  T output = std::log(T(3)), gradient;
  const auto loss = this->table_->output_delta[kPoisson];
  EXPECT_NEAR(loss({&output, &bias, &zero, nullptr, nullptr, 1, 1}, &gradient), 3.0,
              10 * this->kEpsilon);
  output = 0;
  EXPECT_TRUE(std::isnan(loss({&output, &bias, &negative, nullptr, nullptr, 1, 1}, &gradient)));
}

TYPED_TEST(Kernels, LossesOfNaNAreNaN) {
  using T = TypeParam;
  constexpr T nan = std::numeric_limits<T>::quiet_NaN();
  const T bias[] = {0, 0}, targets[] = {1, 0};
  const std::int32_t code = 0;
  for (const LossKernel kernel : {kSoftmaxLog, kLogisticLog, kSquaredError, kPoisson}) {
    T output[] = {0, nan}, gradient[2];
    const double loss = this->table_->output_delta[kernel](
        {output, bias, kernel == kSoftmaxLog ? nullptr : targets, &code, nullptr, 1, 2}, gradient);
    EXPECT_TRUE(std::isnan(loss)) << "loss " << kernel;
    EXPECT_TRUE(std::isnan(gradient[1])) << "loss " << kernel;
  }
}

/// The buffers of one update, before and after.
template <class T>
struct Update {
  explicit Update(std::size_t n)
      : w(random_numbers<T>(n, 1)),
        g(random_numbers<T>(n, 2, -20, 20)),
        m(random_numbers<T>(n, 3)),
        v(random_numbers<T>(n, 4, 0, 1)) {}

  UpdateBatch<T> batch(std::size_t n) {
    return {w.data(), g.data(), m.data(), v.data(), n, T(0.5), T(0.125)};
  }
  bool sentinels_intact() const {
    return w.sentinels_intact() && g.sentinels_intact() && m.sentinels_intact() &&
           v.sentinels_intact();
  }

  GuardedBuffer<T> w, g, m, v;
};

std::vector<std::size_t> update_sizes() {
  std::vector<std::size_t> sizes(70);
  std::iota(sizes.begin(), sizes.end(), 1);
  for (const std::size_t n : {511, 512, 513, 1500}) sizes.push_back(n);
  return sizes;
}

template <class T>
double sum_of_squares(const std::vector<T>& w) {
  Real sum = 0;
  for (const T v : w) sum += Real(v) * v;
  return static_cast<double>(sum);
}

template <class T>
std::vector<Real> penalised(Update<T>& update) {
  const auto w = update.w.values(), g = update.g.values();
  std::vector<Real> result;
  for (std::size_t i = 0; i < w.size(); ++i) {
    result.push_back((Real(g[i]) + Real(0.5) * w[i]) * Real(0.125));
  }
  return result;
}

TYPED_TEST(Kernels, AdamStep) {
  using T = TypeParam;
  for (const std::size_t n : update_sizes()) {
    Update<T> update(n);
    const auto w = update.w.values(), m = update.m.values(), v = update.v.values();
    const auto g = penalised(update);
    const double squares = this->table_->adam_step(update.batch(n), {0.9, 0.999, 1e-3, 0.05});
    std::vector<Real> new_w, new_m, new_v;
    for (std::size_t i = 0; i < n; ++i) {
      new_m.push_back(0.9L * m[i] + 0.1L * g[i]);
      new_v.push_back(0.999L * v[i] + 0.001L * g[i] * g[i]);
      new_w.push_back(w[i] - 0.05L * new_m[i] / (std::sqrt(new_v[i]) + 1e-3L));
    }
    EXPECT_TRUE(test::close(update.m.values(), new_m, 8 * this->kEpsilon)) << n;
    EXPECT_TRUE(test::close(update.v.values(), new_v, 8 * this->kEpsilon)) << n;
    EXPECT_TRUE(test::close(update.w.values(), new_w, 16 * this->kEpsilon)) << n;
    EXPECT_TRUE(test::close(squares, sum_of_squares(w), 64 * this->kEpsilon)) << n;
    EXPECT_TRUE(update.sentinels_intact());
  }
}

/// The quotient of a finite moment and an infinite root is no step, that of 0 and the least epsilon
/// neither.
TYPED_TEST(Kernels, AdamStaysWhereAQuotientIsZero) {
  using T = TypeParam;
  using Limits = std::numeric_limits<T>;
  for (const T g : {T(0), std::sqrt(Limits::max()) * T(1e3), Limits::max() / T(1e3)}) {
    Update<T> update(40);
    auto batch = update.batch(40);
    batch.alpha = T(0);
    std::fill_n(batch.gradient, 40, g);
    std::fill_n(batch.first_moment, 40, T(0));
    std::fill_n(batch.second_moment, 40, T(0));
    const auto w = update.w.values();
    const auto epsilon = static_cast<double>(Limits::denorm_min());
    this->table_->adam_step(batch, {0.9, 0.999, epsilon, 0.05});
    EXPECT_TRUE(test::same_bits(update.w.values(), w)) << g;
  }
}

TYPED_TEST(Kernels, SgdStep) {
  using T = TypeParam;
  for (const bool nesterov : {false, true}) {
    for (const std::size_t n : update_sizes()) {
      Update<T> update(n);
      const auto w = update.w.values(), velocity = update.m.values();
      const auto g = penalised(update);
      const double squares = this->table_->sgd_step(update.batch(n), {0.9, 0.05, nesterov});
      std::vector<Real> new_w, new_velocity;
      for (std::size_t i = 0; i < n; ++i) {
        new_velocity.push_back(0.9L * velocity[i] - 0.05L * g[i]);
        new_w.push_back(w[i] +
                        (nesterov ? 0.9L * new_velocity[i] - 0.05L * g[i] : new_velocity[i]));
      }
      EXPECT_TRUE(test::close(update.m.values(), new_velocity, 8 * this->kEpsilon)) << n;
      EXPECT_TRUE(test::close(update.w.values(), new_w, 8 * this->kEpsilon)) << n;
      EXPECT_TRUE(test::close(squares, sum_of_squares(w), 64 * this->kEpsilon)) << n;
      EXPECT_TRUE(update.sentinels_intact());
    }
  }
}

}  // namespace
}  // namespace skarma::kernels
