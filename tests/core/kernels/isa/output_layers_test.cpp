// Softmax, losses and their deltas against naive references in long double, with sentinels around
// what a kernel may write. CTest runs these tests once for each instruction set.
#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>

#include <gtest/gtest.h>

#include <skarma/core/kernels/dispatch.hpp>
#include <skarma/core/net/loss.hpp>
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
    this->table_->bias_link[kSoftmaxLink](buffer.data(), bias.data(), rows, units);
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
  this->table_->bias_link[kSoftmaxLink](z.data(), bias.data(), 4, 3);
  EXPECT_EQ(std::vector<T>(z.begin(), z.begin() + 3), (std::vector<T>{0.5, 0, 0.5}));
  for (std::size_t i = 3; i < 9; ++i) EXPECT_TRUE(std::isnan(z[i]));
  EXPECT_NEAR(z[11], 1.0 / 3, this->kEpsilon);
}

constexpr auto kLosses = [] {
  std::array<LossFunction, kLossFunctions> all{};
  for (int i = 0; i < kLossFunctions; ++i) all[static_cast<std::size_t>(i)] = LossFunction(i);
  return all;
}();

const Loss& row_of(LossFunction kernel) {
  return *std::ranges::find(skarma::kLosses, kernel, &Loss::function);
}

/// Losses of whole rows, but for softmax's log loss.
bool is_of_rows(LossFunction kernel) {
  return !row_of(kernel).link.elementwise && kernel != kSoftmaxLog;
}

/// Of -(1 - p)^gamma log(p): p times the derivative by p.
Real naive_focal_slope(Real p, Real gamma) {
  return gamma * p * std::pow(1 - p, gamma - 1) * std::log(p) - std::pow(1 - p, gamma);
}

/// A row's loss and its derivative by what was linked.
struct NaiveRow {
  Real loss;
  std::vector<Real> delta;
};

/// Of outputs `p` and targets `y`; the derivatives by what was linked from those by outputs, by the
/// chain rule alone.
NaiveRow naive_row(LossFunction kernel, const std::vector<Real>& p, const std::vector<Real>& y,
                   const double* numbers) {
  const std::size_t n = p.size();
  const auto right = static_cast<std::size_t>(std::ranges::find(y, 1) - y.begin());
  const Real number = numbers[0], count = static_cast<Real>(n);
  std::vector<Real> by_output(n);
  Real loss = 0;
  if (kernel == kHinge || kernel == kSquaredHinge) {
    std::size_t rival = n;
    for (std::size_t j = 0; j < n; ++j) {
      if (j != right && (rival == n || p[j] > p[rival])) rival = j;
    }
    if (rival == n) return {0, by_output};
    const Real lack = std::max(1 + p[rival] - p[right], Real(0));
    by_output[rival] = kernel == kHinge ? (lack > 0 ? 1 : 0) : 2 * lack;
    by_output[right] = -by_output[rival];
    return {kernel == kHinge ? lack : lack * lack, by_output};
  }
  for (std::size_t j = 0; j < n; ++j) {
    if (kernel == kSmoothedSoftmaxLog) {
      const Real target = (1 - number) * y[j] + number / count;
      loss -= target * std::log(p[j]);
      by_output[j] = -target / p[j];
    } else if (kernel == kFocal && j == right) {
      loss -= std::pow(1 - p[j], number) * std::log(p[j]);
      by_output[j] = naive_focal_slope(p[j], number) / p[j];
    } else if (kernel == kSoftmaxSquared) {
      loss += (p[j] - y[j]) * (p[j] - y[j]) / 2;
      by_output[j] = p[j] - y[j];
    } else if (kernel == kQuantile) {
      const Real residual = y[j] - p[j], level = numbers[j];
      loss += std::max(level * residual, (level - 1) * residual) / count;
      by_output[j] = (residual > 0 ? -level : 1 - level) / count;
    }
  }
  std::vector<Real> delta(n);
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t k = 0; k < n; ++k) {
      if (kernel == kQuantile) {  // output k is a sum up to k
        const Real slope = j == 0 ? 1 : 1 - std::exp(p[j - 1] - p[j]);
        if (k >= j) delta[j] += by_output[k] * slope;
      } else {
        delta[j] += by_output[k] * p[k] * ((j == k ? 1 : 0) - p[j]);
      }
    }
  }
  return {loss, delta};
}

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
    if (row_of(kernel).targets == TargetKind::code) {
      target[static_cast<std::size_t>(batch.codes[i])] = 1;
    }
    if (row_of(kernel).link.name == "softmax") out = softmax(out);
    if (kernel == kQuantile) {
      for (std::size_t j = 1; j < out.size(); ++j)
        out[j] = out[j - 1] + activated(kSoftplus, out[j]);
    }
    const Real weight = batch.weights != nullptr ? batch.weights[i] : 1;
    Real loss = 0;
    if (is_of_rows(kernel)) {
      const NaiveRow row = naive_row(kernel, out, target, batch.numbers);
      for (std::size_t j = 0; j < batch.units; ++j) {
        result.delta.push_back(row.delta[j] * weight);
        result.bias_gradient[j] += result.delta.back();
      }
      result.loss += weight * row.loss;
      continue;
    }
    for (std::size_t j = 0; j < batch.units; ++j) {
      Real& o = out[j];
      const Real y = target[j];
      if (row_of(kernel).link.elementwise) o = activated(*row_of(kernel).link.elementwise, o);
      const Real p = std::clamp(o, eps, 1 - eps);
      if (kernel == kSoftmaxLog) loss -= y * std::log(p);
      if (kernel == kLogisticLog) loss -= y * std::log(p) + (1 - y) * std::log(1 - p);
      if (kernel == kSquaredError) loss += (y - o) * (y - o) / 2 / static_cast<Real>(batch.units);
      if (kernel == kPoisson) loss += (y == 0 ? 0 : y * std::log(y / o)) - y + o;
      const Real residual = o - y, size = std::abs(residual);
      const Real number = batch.numbers[0];
      if (kernel == kHuber) {
        loss += size > number ? number * (size - number / 2) : residual * residual / 2;
      }
      if (kernel == kAbsoluteError) loss += size;
      if (kernel == kLogCosh) loss += std::log(std::cosh(residual));
      Real delta = residual;
      if (kernel == kHuber) delta = std::clamp(residual, -number, number);
      const Real smooth = y * (1 - number) + number / 2;
      if (kernel == kSmoothedLogisticLog) {
        loss -= smooth * std::log(p) + (1 - smooth) * std::log(1 - p);
        delta = o - smooth;
      }
      const Real sign = 2 * y - 1, lack = std::max(1 - sign * o, Real(0));
      if (kernel == kBinaryHinge) loss += lack, delta = lack > 0 ? -sign : 0;
      if (kernel == kBinarySquaredHinge) loss += lack * lack, delta = -2 * lack * sign;
      if (kernel == kBinaryFocal) {
        const Real right = y == 1 ? p : 1 - p;
        loss -= std::pow(1 - right, number) * std::log(right);
        delta = sign * (1 - right) * naive_focal_slope(right, number);
      }
      if (kernel == kLogisticSquared) loss += residual * residual / 2, delta *= o * (1 - o);
      if (kernel == kGammaLoss) loss += std::log(o / y) + y / o - 1, delta = 1 - y / o;
      if (kernel == kTweedie) {
        const Real a = 1 - number, b = 2 - number;
        loss += std::pow(y, b) / (a * b) - y * std::pow(o, a) / a + std::pow(o, b) / b;
        delta = std::pow(o, b) - y * std::pow(o, a);
      }
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
    if (row_of(kernel).targets == TargetKind::labels) v = v > 0 ? T(1) : T(0);
    if (kernel == kGammaLoss || kernel == kTweedie) v = T(1.5) + v;
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
  const bool has_codes = row_of(kernel).targets == TargetKind::code;
  std::vector<double> numbers(units, row_of(kernel).number.value);
  if (kernel == kQuantile) {
    for (std::size_t j = 0; j < units; ++j) {
      numbers[j] = static_cast<double>(j + 1) / static_cast<double>(units + 1);
    }
  }
  const OutputBatch<T> batch{output.data(),
                             bias.data(),
                             has_codes ? nullptr : targets.data(),
                             has_codes ? codes.data() : nullptr,
                             weighted ? weights.data() : nullptr,
                             rows,
                             units,
                             numbers.data()};
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
                100 * eps * static_cast<double>(rows) *
                    std::max(1.0, static_cast<double>(std::abs(expected.bias_gradient[j]))));
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
    const double one = 1.0;
    this->table_->output_delta[kernel](
        {z.data(), zeros.data(), zeros.data(), nullptr, nullptr, z.size(), 1, &one}, &gradient);
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
  const double numbers[] = {0.4, 0.7};
  for (const LossFunction kernel : kLosses) {
    T output[] = {0, nan}, gradient[2];
    const double loss = this->table_->output_delta[kernel](
        {output, bias, targets, &code, nullptr, 1, 2, numbers}, gradient);
    EXPECT_TRUE(std::isnan(loss)) << "loss " << kernel;
    EXPECT_TRUE(std::isnan(gradient[1])) << "loss " << kernel;
  }
}

}  // namespace
}  // namespace skarma::kernels
