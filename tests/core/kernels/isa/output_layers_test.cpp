// Softmax, losses and their deltas against naive references in long double, with sentinels around
// what a kernel may write. CTest runs these tests once for each instruction set.
#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>

#include <gtest/gtest.h>

#include <skarma/core/kernels/dispatch.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/guarded_buffer.hpp>
#include <skarma/tests/support/kernel_test.hpp>
#include <skarma/tests/support/naive_activations.hpp>
#include <skarma/tests/support/random_numbers.hpp>

namespace skarma::kernels {
namespace {

using Real = long double;
using test::activated;
using test::GuardedBuffer;
using test::kernel_shapes;
using test::random_numbers;

template <class T>
class OutputKernels : public test::KernelTest<T> {};
TYPED_TEST_SUITE(OutputKernels, test::RealTypes);

std::vector<Real> softmax(const std::vector<Real>& z) {
  Real sum = 0;
  std::vector<Real> p;
  for (const Real v : z) p.push_back(std::exp(v));
  for (const Real v : p) sum += v;
  for (Real& v : p) v /= sum;
  return p;
}

TYPED_TEST(OutputKernels, BiasSoftmax) {
  using T = TypeParam;
  for (const auto& [rows, units] : kernel_shapes()) {
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

TYPED_TEST(OutputKernels, SoftmaxOfHugeScoresAndOfNaN) {
  using T = TypeParam;
  constexpr T nan = std::numeric_limits<T>::quiet_NaN();
  const std::vector<T> bias(3, T(0));
  std::vector<T> z{T(1e30), T(-1e30), T(1e30), 0, 0, nan, nan, 0, 0, 1, 1, 1};
  this->table_->bias_softmax(z.data(), bias.data(), 4, 3);
  EXPECT_EQ(std::vector<T>(z.begin(), z.begin() + 3), (std::vector<T>{0.5, 0, 0.5}));
  for (std::size_t i = 3; i < 9; ++i) EXPECT_TRUE(std::isnan(z[i]));
  EXPECT_NEAR(z[11], 1.0 / 3, this->kEpsilon);
}

constexpr auto kLosses = [] {
  std::array<LossFunction, kLossFunctions> all{};
  for (int i = 0; i < kLossFunctions; ++i) all[static_cast<std::size_t>(i)] = LossFunction(i);
  return all;
}();

/// What output_delta should make of a batch.
struct NaiveOutput {
  std::vector<Real> delta, bias_gradient;
  Real loss = 0;
};

template <class T>
NaiveOutput naive_output(LossFunction kernel, const OutputBatch<T>& batch,
                         const std::vector<T>& z) {
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
      const Real residual = o - y, size = std::abs(residual);
      if (kernel == kHuber) loss += size > 1 ? size - Real(0.5) : residual * residual / 2;
      if (kernel == kAbsoluteError) loss += size;
      if (kernel == kLogCosh) loss += std::log(std::cosh(residual));
      Real delta = residual;
      if (kernel == kHuber) delta = std::clamp(residual, Real(-1), Real(1));
      if (kernel == kAbsoluteError) delta = size == 0 ? Real(0) : residual / size;
      if (kernel == kLogCosh) delta = std::tanh(residual);
      result.delta.push_back(delta * weight);
      result.bias_gradient[j] += result.delta.back();
    }
    result.loss += weight * loss;
  }
  return result;
}

/// Targets for a loss: labels 0 and 1, counts, real numbers.
template <class T>
std::vector<T> targets_for(LossFunction kernel, std::size_t n) {
  auto values = random_numbers<T>(n, 5, -1, 1);
  for (T& v : values) {
    if (kernel == kLogisticLog) v = v > 0 ? T(1) : T(0);
    if (kernel == kPoisson) v = std::floor(2 + 2 * v);
  }
  return values;
}

template <class T>
void check_output_delta(const KernelTable<T>& table, LossFunction kernel, std::size_t rows,
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

TYPED_TEST(OutputKernels, OutputDelta) {
  for (const LossFunction kernel : kLosses) {
    for (const auto& [rows, units] : kernel_shapes()) {
      for (const bool weighted : {false, true}) {
        SCOPED_TRACE(testing::Message() << "loss " << kernel << ", " << rows << " x " << units
                                        << (weighted ? ", weighted" : ""));
        check_output_delta(*this->table_, kernel, rows, units, weighted);
      }
    }
  }
}

/// Probabilities of 0 and 1 are clipped by the epsilon of their own type, in the loss alone.
TYPED_TEST(OutputKernels, SaturatedProbabilitiesAreClippedInTheLossAlone) {
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

TYPED_TEST(OutputKernels, PoissonOfCountZeroAndOfNegativeTargets) {
  using T = TypeParam;
  const T bias = 0, zero = 0, negative = -1;
  T output = std::log(T(3)), gradient;
  const auto loss = this->table_->output_delta[kPoisson];
  EXPECT_NEAR(loss({&output, &bias, &zero, nullptr, nullptr, 1, 1}, &gradient), 3.0,
              10 * this->kEpsilon);
  output = 0;
  EXPECT_TRUE(std::isnan(loss({&output, &bias, &negative, nullptr, nullptr, 1, 1}, &gradient)));
}

/// Where the derivative has a corner or a jump, and far away.
TYPED_TEST(OutputKernels, DeltasOfRobustLossesAtTheirCorners) {
  using T = TypeParam;
  constexpr T far = std::numeric_limits<T>::infinity();
  const std::vector<T> residuals = {0, 1, -1, T(0.5), T(1e30), -far, far};
  const std::vector<T> zeros(residuals.size());
  const auto deltas = [&](LossFunction kernel) {
    auto z = residuals;
    T gradient;
    this->table_->output_delta[kernel](
        {z.data(), zeros.data(), zeros.data(), nullptr, nullptr, z.size(), 1}, &gradient);
    return z;
  };
  EXPECT_EQ(deltas(kHuber), (std::vector<T>{0, 1, -1, T(0.5), 1, -1, 1}));
  EXPECT_EQ(deltas(kAbsoluteError), (std::vector<T>{0, 1, -1, 1, 1, -1, 1}));
}

TYPED_TEST(OutputKernels, LossesOfNaNAreNaN) {
  using T = TypeParam;
  constexpr T nan = std::numeric_limits<T>::quiet_NaN();
  const T bias[] = {0, 0}, targets[] = {1, 0};
  const std::int32_t code = 0;
  for (const LossFunction kernel : kLosses) {
    T output[] = {0, nan}, gradient[2];
    const double loss = this->table_->output_delta[kernel](
        {output, bias, kernel == kSoftmaxLog ? nullptr : targets, &code, nullptr, 1, 2}, gradient);
    EXPECT_TRUE(std::isnan(loss)) << "loss " << kernel;
    EXPECT_TRUE(std::isnan(gradient[1])) << "loss " << kernel;
  }
}

}  // namespace
}  // namespace skarma::kernels
