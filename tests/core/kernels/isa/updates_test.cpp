// Update rules against their formulas in long double, with sentinels around what a
// kernel may write. CTest runs these tests once for each instruction set.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include <gtest/gtest.h>

#include <skarma/core/kernels/dispatch.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/guarded_buffer.hpp>
#include <skarma/tests/support/kernel_test.hpp>
#include <skarma/tests/support/random_numbers.hpp>

namespace skarma::kernels {
namespace {

using Real = long double;
using test::GuardedBuffer;
using test::random_numbers;

template <class T>
class UpdateKernels : public test::KernelTest<T> {};
TYPED_TEST_SUITE(UpdateKernels, test::RealTypes);

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

TYPED_TEST(UpdateKernels, AdamStep) {
  using T = TypeParam;
  for (const bool decays : {false, true}) {
    const auto step = decays ? this->table_->adamw_step : this->table_->adam_step;
    const Real kept = decays ? 0.75L : 1.0L;
    for (const std::size_t n : update_sizes()) {
      Update<T> update(n);
      const auto w = update.w.values(), m = update.m.values(), v = update.v.values();
      const auto g = penalised(update);
      auto batch = update.batch(n);
      batch.decay = T(0.25);
      const double squares = step(batch, {0.9, 0.999, 1e-3, 0.05});
      std::vector<Real> new_w, new_m, new_v;
      for (std::size_t i = 0; i < n; ++i) {
        new_m.push_back(0.9L * m[i] + 0.1L * g[i]);
        new_v.push_back(0.999L * v[i] + 0.001L * g[i] * g[i]);
        new_w.push_back(kept * w[i] - 0.05L * new_m[i] / (std::sqrt(new_v[i]) + 1e-3L));
      }
      EXPECT_TRUE(test::close(update.m.values(), new_m, 8 * this->kEpsilon)) << n;
      EXPECT_TRUE(test::close(update.v.values(), new_v, 8 * this->kEpsilon)) << n;
      EXPECT_TRUE(test::close(update.w.values(), new_w, 16 * this->kEpsilon)) << n;
      EXPECT_TRUE(test::close(squares, sum_of_squares(w), 64 * this->kEpsilon)) << n;
      EXPECT_TRUE(update.sentinels_intact());
    }
  }
}

TYPED_TEST(UpdateKernels, RmspropStep) {
  using T = TypeParam;
  for (const std::size_t n : update_sizes()) {
    Update<T> update(n);
    const auto w = update.w.values(), v = update.v.values();
    const auto g = penalised(update);
    auto batch = update.batch(n);
    batch.first_moment = std::exchange(batch.second_moment, nullptr);
    const double squares = this->table_->rmsprop_step(batch, {0.9, 1e-3, 0.05});
    std::vector<Real> new_w, new_v;
    for (std::size_t i = 0; i < n; ++i) {
      new_v.push_back(0.9L * v[i] + 0.1L * g[i] * g[i]);
      new_w.push_back(w[i] - 0.05L * g[i] / (std::sqrt(new_v[i]) + 1e-3L));
    }
    EXPECT_TRUE(test::close(update.v.values(), new_v, 8 * this->kEpsilon)) << n;
    EXPECT_TRUE(test::close(update.w.values(), new_w, 16 * this->kEpsilon)) << n;
    EXPECT_TRUE(test::close(squares, sum_of_squares(w), 64 * this->kEpsilon)) << n;
    EXPECT_TRUE(update.sentinels_intact());
  }
}

/// The quotient of a finite moment and an infinite root is no step, that of 0 and the least epsilon
/// neither.
TYPED_TEST(UpdateKernels, AdamAndRmspropStayWhereAQuotientIsZero) {
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
    std::fill_n(batch.first_moment, 40, T(0));
    this->table_->rmsprop_step(batch, {0.999, epsilon, 0.05});
    EXPECT_TRUE(test::same_bits(update.w.values(), w)) << g;
  }
}

TYPED_TEST(UpdateKernels, SgdStep) {
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

/// The numbers of one parameter that a rule reads and writes.
struct OneParameter {
  Real w, m, v, largest;
};

/// A kernel beside what its formula makes of each parameter.
template <class T, class Kernel, class Formula>
void expect_formula(const Kernel& kernel, const Formula& formula) {
  constexpr double kEpsilon = std::numeric_limits<T>::epsilon();
  for (const std::size_t n : update_sizes()) {
    Update<T> update(n);
    GuardedBuffer<T> largest(random_numbers<T>(n, 5, 0, 1));
    const auto w = update.w.values(), m = update.m.values(), v = update.v.values();
    const auto old = largest.values();
    const auto g = penalised(update);
    auto batch = update.batch(n);
    batch.decay = T(0.25);
    batch.third_moment = largest.data();
    const double squares = kernel(batch);
    std::vector<Real> new_w, new_m, new_v, new_largest;
    for (std::size_t i = 0; i < n; ++i) {
      OneParameter one{w[i], m[i], v[i], old[i]};
      formula(one, g[i]);
      new_w.push_back(one.w);
      new_m.push_back(one.m);
      new_v.push_back(one.v);
      new_largest.push_back(one.largest);
    }
    EXPECT_TRUE(test::close(update.m.values(), new_m, 8 * kEpsilon)) << n;
    EXPECT_TRUE(test::close(update.v.values(), new_v, 8 * kEpsilon)) << n;
    EXPECT_TRUE(test::close(largest.values(), new_largest, 8 * kEpsilon)) << n;
    EXPECT_TRUE(test::close(update.w.values(), new_w, 16 * kEpsilon)) << n;
    EXPECT_TRUE(test::close(squares, sum_of_squares(w), 64 * kEpsilon)) << n;
    EXPECT_TRUE(update.sentinels_intact() && largest.sentinels_intact());
  }
}

Real sign(Real x) { return x > 0 ? 1.0L : x < 0 ? -1.0L : 0.0L; }

TYPED_TEST(UpdateKernels, AdagradStep) {
  // The sum of squares is not negative.
  const auto kernel = [&](auto batch) {
    std::swap(batch.first_moment, batch.second_moment);
    return this->table_->adagrad_step(batch, {0.0, 1e-3, 0.05});
  };
  expect_formula<TypeParam>(kernel, [](OneParameter& p, Real g) {
    p.v += g * g;
    p.w -= 0.05L * g / (std::sqrt(p.v) + 1e-3L);
  });
}

TYPED_TEST(UpdateKernels, AdadeltaStep) {
  const auto kernel = [&](auto batch) {
    batch.first_moment = std::exchange(batch.second_moment, batch.third_moment);
    return this->table_->adadelta_step(batch, {0.9, 1e-3, 0.05});
  };
  expect_formula<TypeParam>(kernel, [](OneParameter& p, Real g) {
    p.v = 0.9L * p.v + 0.1L * g * g;
    const Real step = std::sqrt(p.largest + 1e-3L) / std::sqrt(p.v + 1e-3L) * g;
    p.largest = 0.9L * p.largest + 0.1L * step * step;
    p.w -= 0.05L * step;
  });
}

TYPED_TEST(UpdateKernels, AmsgradStep) {
  const auto kernel = [&](const auto& batch) {
    return this->table_->amsgrad_step(batch, {0.9, 0.999, 1e-3, 0.05});
  };
  expect_formula<TypeParam>(kernel, [](OneParameter& p, Real g) {
    p.m = 0.9L * p.m + 0.1L * g;
    p.v = 0.999L * p.v + 0.001L * g * g;
    p.largest = std::max(p.largest, p.v);
    p.w -= 0.05L * p.m / (std::sqrt(p.largest) + 1e-3L);
  });
}

TYPED_TEST(UpdateKernels, NadamStep) {
  const auto kernel = [&](const auto& batch) {
    return this->table_->nadam_step(batch, {0.9, 0.999, 1e-3, 0.05, 0.07});
  };
  expect_formula<TypeParam>(kernel, [](OneParameter& p, Real g) {
    p.m = 0.9L * p.m + 0.1L * g;
    p.v = 0.999L * p.v + 0.001L * g * g;
    p.w -= (0.05L * g + 0.07L * p.m) / (std::sqrt(p.v) + 1e-3L);
  });
}

TYPED_TEST(UpdateKernels, LionStep) {
  const auto kernel = [&](const auto& batch) {
    return this->table_->lion_step(batch, {0.9, 0.99, 0.0, 0.05});
  };
  expect_formula<TypeParam>(kernel, [](OneParameter& p, Real g) {
    p.w = 0.75L * p.w - 0.05L * sign(0.9L * p.m + 0.1L * g);
    p.m = 0.99L * p.m + 0.01L * g;
  });
}

TYPED_TEST(UpdateKernels, RpropStep) {
  const auto kernel = [&](const auto& batch) { return this->table_->rprop_step(batch, 0.05); };
  expect_formula<TypeParam>(kernel, [](OneParameter& p, Real g) {
    if (p.m * g > 0) p.v = std::min(1.2L * p.v, 50.0L);
    if (p.m * g < 0) p.v = std::max(0.5L * p.v, 1e-6L);
    p.m = p.m * g < 0 ? 0.0L : g;
    p.w -= sign(p.m) * p.v;
  });
}

TYPED_TEST(UpdateKernels, DescentStep) {
  const auto kernel = [&](const auto& batch) { return this->table_->descent_step(batch, 0.05); };
  expect_formula<TypeParam>(kernel, [](OneParameter& p, Real g) { p.w -= 0.05L * g; });
}

}  // namespace
}  // namespace skarma::kernels
