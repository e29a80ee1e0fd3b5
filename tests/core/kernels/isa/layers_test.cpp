// What stands around the products of hidden layers: sums of matrices, dropout, batch normalisation.
// CTest runs these tests once for each instruction set (SKARMA_ISA); tests/CMakeLists.txt.
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include <skarma/core/kernels/philox.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/guarded_buffer.hpp>
#include <skarma/tests/support/kernel_test.hpp>
#include <skarma/tests/support/random_numbers.hpp>

namespace skarma::kernels {
namespace {

using test::GuardedBuffer;
using test::kernel_shapes;
using test::random_numbers;
using test::same_bits;

template <class T>
class LayerKernels : public test::KernelTest<T> {};
TYPED_TEST_SUITE(LayerKernels, test::RealTypes);

/// Known answers of the authors' library, Random123.
TEST(Philox, GivesTheNumbersOfItsAuthors) {
  const auto words = [](PhiloxBlock counter, std::uint64_t key) {
    const auto [a, b, c, d] = philox(counter, key);
    return std::vector{a, b, c, d};
  };
  constexpr std::uint32_t ones = 0xffffffff;
  EXPECT_EQ(words({0, 0, 0, 0}, 0),
            (std::vector{0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u}));
  EXPECT_EQ(words({ones, ones, ones, ones}, ~std::uint64_t{0}),
            (std::vector{0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu}));
  EXPECT_EQ(words({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, 0x299f31d0a4093822),
            (std::vector{0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u}));
}

TYPED_TEST(LayerKernels, AddInPlace) {
  using T = TypeParam;
  for (const auto& [rows, units] : kernel_shapes()) {
    const auto a = random_numbers<T>(rows * units, 1), b = random_numbers<T>(rows * (units + 2), 2);
    GuardedBuffer<T> sum(a);
    this->table_->add({sum.data(), units}, {b.data(), units + 2}, {sum.data(), units}, rows, units);
    const auto result = sum.values();
    for (std::size_t i = 0; i < a.size(); ++i) {
      EXPECT_EQ(result[i], a[i] + b[i / units * (units + 2) + i % units]);
    }
    EXPECT_TRUE(sum.sentinels_intact());
  }
}

/// Each element by the number of its own row and column.
TYPED_TEST(LayerKernels, DropoutGoesByThePlaceOfAnElement) {
  using T = TypeParam;
  const Dropout<T> mask{0x123456789abcdef0, 7, 3, 0xc0000000, T(1.25)};
  for (auto [rows, units] : kernel_shapes()) {
    if (units == 70) units = 1003;  // more than are made at a time
    const auto x = random_numbers<T>(rows * units, 1, 1, 2);
    GuardedBuffer<T> to(rows * units);
    this->table_->dropout(mask, {x.data(), units}, {to.data(), units}, 0, rows, units);
    const auto result = to.values();
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t j = 0; j < units; ++j) {
        const auto [a, b, c, d] =
            dropout_words(mask.seed, mask.step, mask.layer, static_cast<std::uint32_t>(i),
                          static_cast<std::uint32_t>(j / 4));
        const std::uint32_t words[] = {a, b, c, d};
        const T expected = words[j % 4] < mask.kept ? x[i * units + j] * mask.factor : T(0);
        EXPECT_EQ(result[i * units + j], expected);
      }
    }
    EXPECT_TRUE(to.sentinels_intact());
  }
}

TYPED_TEST(LayerKernels, DropoutKeepsItsShareIndependently) {
  using T = TypeParam;
  constexpr std::size_t rows = 500, units = 200;
  const std::vector<T> ones(rows * units, T(1));
  std::vector<T> first(ones), second(ones);
  for (const double rate : {0.1, 0.5, 0.9}) {
    const auto kept = static_cast<std::uint32_t>((1 - rate) * 0x1p32);
    const auto drop = [&](std::uint64_t step, std::uint32_t layer, std::vector<T>& to) {
      const Dropout<T> mask{5, step, layer, kept, T(1)};
      this->table_->dropout(mask, {ones.data(), units}, {to.data(), units}, 0, rows, units);
      return std::accumulate(to.begin(), to.end(), 0.0) / static_cast<double>(to.size());
    };
    const double deviation = std::sqrt(rate * (1 - rate) / (rows * units));
    EXPECT_NEAR(drop(0, 1, first), 1 - rate, 4 * deviation);
    for (const auto& [step, layer] : {std::pair{0u, 2u}, {1u, 1u}}) {
      drop(step, layer, second);
      double both = 0.0;
      for (std::size_t i = 0; i < first.size(); ++i) both += first[i] * second[i];
      EXPECT_NEAR(both / (rows * units), (1 - rate) * (1 - rate), 5 * deviation);
    }
  }
}

/// What is kept is mapped, what is dropped has one value.
TYPED_TEST(LayerKernels, DropoutOfAnotherKind) {
  using T = TypeParam;
  const Dropout<T> mask{5, 7, 3, 0x80000000, T(0.5), T(0.25), T(-3)}, plain{5, 7, 3, 0x80000000, 1};
  const auto x = random_numbers<T>(300, 1, 1, 2);
  std::vector<T> kept(300), to(300);
  this->table_->dropout(plain, {x.data(), 100}, {kept.data(), 100}, 0, 3, 100);
  this->table_->dropout(mask, {x.data(), 100}, {to.data(), 100}, 0, 3, 100);
  for (std::size_t i = 0; i < 300; ++i) {
    EXPECT_EQ(to[i], kept[i] == T(0) ? T(-3) : x[i] * T(0.5) + T(0.25));
  }
}

/// Of the words of an element's four columns, as the formula says.
TYPED_TEST(LayerKernels, NoiseGoesByThePlaceOfAnElement) {
  using T = TypeParam;
  const Noise noise{0x123456789abcdef0, 7, 3, 0.75};
  for (auto [rows, units] : kernel_shapes()) {
    if (units == 70) units = 1003;  // more than are made at a time
    const auto x = random_numbers<T>(rows * units, 1, 1, 2);
    GuardedBuffer<T> to(rows * units);
    this->table_->noise(noise, {x.data(), units}, {to.data(), units}, 0, rows, units);
    const auto result = to.values();
    for (std::size_t i = 0; i < rows * units; ++i) {
      const std::size_t j = i % units;
      const auto [a, b, c, d] =
          dropout_words(noise.seed, noise.step, noise.layer, static_cast<std::uint32_t>(i / units),
                        static_cast<std::uint32_t>(j / 4));
      const long double u = ((j % 4 < 2 ? a : c) + 0.5L) * 0x1p-32L;
      const long double angle = 6.28318530717958647693L * (j % 4 < 2 ? b : d) * 0x1p-32L;
      const long double wave = j % 2 == 0 ? std::cos(angle) : std::sin(angle);
      const long double expected = x[i] + 0.75L * std::sqrt(-2 * std::log(u)) * wave;
      EXPECT_NEAR(result[i], static_cast<double>(expected), 10 * this->kEpsilon);
    }
    EXPECT_TRUE(to.sentinels_intact());
  }
}

/// Mean, variance, skewness and kurtosis of a million; and neighbours have nothing in common.
TYPED_TEST(LayerKernels, NoiseIsNormal) {
  using T = TypeParam;
  constexpr std::size_t rows = 1000, units = 1000;
  const std::vector<T> zeros(rows * units);
  std::vector<T> x(rows * units);
  this->table_->noise({5, 1, 2, 1.0}, {zeros.data(), units}, {x.data(), units}, 0, rows, units);
  double moments[4] = {}, beside = 0.0, below = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    for (int k = 0; k < 4; ++k) moments[k] += std::pow(double(x[i]), k + 1) / (rows * units);
    if (i + 1 < x.size()) beside += double(x[i]) * x[i + 1] / (rows * units);
    if (i + units < x.size()) below += double(x[i]) * x[i + units] / (rows * units);
  }
  EXPECT_NEAR(moments[0], 0.0, 4e-3);  // four deviations of each
  EXPECT_NEAR(moments[1], 1.0, 6e-3);
  EXPECT_NEAR(moments[2], 0.0, 16e-3);
  EXPECT_NEAR(moments[3], 3.0, 40e-3);
  EXPECT_NEAR(beside, 0.0, 4e-3);
  EXPECT_NEAR(below, 0.0, 4e-3);
}

TYPED_TEST(LayerKernels, KeepNaNThatIsDropped) {
  using T = TypeParam;
  const std::vector<T> x(9, std::numeric_limits<T>::quiet_NaN());
  std::vector<T> to(9);
  this->table_->dropout({1, 2, 3, 0, T(1)}, {x.data(), 9}, {to.data(), 9}, 0, 1, 9);
  for (const T v : to) EXPECT_TRUE(std::isnan(v));
}

/// A batch of rows with what batch normalisation has of it.
template <class T>
struct Batch {
  std::size_t rows, units;
  std::vector<T> x, delta, gamma, beta, mean, variance, inverse;

  Batch(std::size_t n_rows, std::size_t n_units)
      : rows(n_rows),
        units(n_units),
        x(random_numbers<T>(rows * units, 1, -2, 5)),
        delta(random_numbers<T>(rows * units, 2)),
        gamma(random_numbers<T>(units, 3)),
        beta(random_numbers<T>(units, 4)),
        mean(units),
        variance(units),
        inverse(random_numbers<T>(units, 5, 0.1, 2)) {}
};

TYPED_TEST(LayerKernels, ColumnMoments) {
  using T = TypeParam;
  for (const auto& [rows, units] : kernel_shapes()) {
    Batch<T> b(rows, units);
    GuardedBuffer<T> mean(b.mean), variance(b.variance);
    this->table_->column_moments({b.x.data(), units}, rows, units, mean.data(), variance.data());
    for (std::size_t j = 0; j < units; ++j) {
      long double sum = 0, squares = 0;
      for (std::size_t i = 0; i < rows; ++i) sum += b.x[i * units + j];
      for (std::size_t i = 0; i < rows; ++i) {
        squares += std::pow(b.x[i * units + j] - sum / rows, 2.0L);
      }
      EXPECT_NEAR(mean.values()[j], static_cast<double>(sum / rows), 10 * this->kEpsilon);
      EXPECT_NEAR(variance.values()[j], static_cast<double>(squares / rows), 30 * this->kEpsilon);
    }
    EXPECT_TRUE(mean.sentinels_intact() && variance.sentinels_intact());
  }
}

TYPED_TEST(LayerKernels, Normalise) {
  using T = TypeParam;
  for (const auto& [rows, units] : kernel_shapes()) {
    Batch<T> b(rows, units);
    b.mean = random_numbers<T>(units, 6);
    GuardedBuffer<T> x(b.x), y(rows * units);
    this->table_->normalise({{x.data(), units},
                             {y.data(), units},
                             rows,
                             units,
                             b.mean.data(),
                             b.inverse.data(),
                             b.gamma.data(),
                             b.beta.data()});
    for (std::size_t i = 0; i < rows * units; ++i) {
      const std::size_t j = i % units;
      const double normalised = (double(b.x[i]) - b.mean[j]) * b.inverse[j];
      EXPECT_NEAR(x.values()[i], normalised, 20 * this->kEpsilon);
      EXPECT_NEAR(y.values()[i], normalised * b.gamma[j] + b.beta[j], 30 * this->kEpsilon);
    }
    EXPECT_TRUE(x.sentinels_intact() && y.sentinels_intact());
  }
}

/// Of `n` columns from number `first` on: x, and the gradients of gamma and beta.
template <class T>
void normalise_back(const KernelTable<T>& table, const Batch<T>& b, std::size_t first,
                    std::size_t n, T* x, T* of_gamma, T* of_beta) {
  table.normalise_back({{b.delta.data() + first, b.units},
                        {x + first, b.units},
                        b.rows,
                        n,
                        b.inverse.data() + first,
                        b.gamma.data() + first,
                        of_gamma + first,
                        of_beta + first});
}

TYPED_TEST(LayerKernels, NormaliseBack) {
  using T = TypeParam;
  for (const auto& [rows, units] : kernel_shapes()) {
    const Batch<T> b(rows, units);
    GuardedBuffer<T> x(b.x), of_gamma(units), of_beta(units);
    normalise_back(*this->table_, b, 0, units, x.data(), of_gamma.data(), of_beta.data());
    for (std::size_t j = 0; j < units; ++j) {
      double by_gamma = 0, by_beta = 0;
      for (std::size_t i = 0; i < rows; ++i) {
        by_gamma += double(b.delta[i * units + j]) * b.x[i * units + j];
        by_beta += b.delta[i * units + j];
      }
      EXPECT_NEAR(of_gamma.values()[j], by_gamma, 200 * this->kEpsilon);
      EXPECT_NEAR(of_beta.values()[j], by_beta, 50 * this->kEpsilon);
      for (std::size_t i = 0; i < rows; ++i) {
        const std::size_t k = i * units + j;
        const double n = static_cast<double>(rows);
        const double expected =
            double(b.gamma[j]) * b.inverse[j] * (b.delta[k] - by_beta / n - b.x[k] * by_gamma / n);
        EXPECT_NEAR(x.values()[k], expected, 300 * this->kEpsilon);
      }
    }
    EXPECT_TRUE(x.sentinels_intact() && of_gamma.sentinels_intact() && of_beta.sentinels_intact());
  }
}

/// The rows `begin` and following ones of a batch: x becomes the normalised one, and y.
template <class T>
void normalise_rows(const KernelTable<T>& table, const Batch<T>& b, std::size_t begin,
                    std::size_t n, T* x, T* y, T* scales) {
  table.normalise_rows({{x + begin * b.units, b.units},
                        {y + begin * b.units, b.units},
                        n,
                        b.units,
                        b.gamma.data(),
                        b.beta.data(),
                        1e-5,
                        {scales + begin, 1}});
}

TYPED_TEST(LayerKernels, NormaliseRows) {
  using T = TypeParam;
  for (const auto& [rows, units] : kernel_shapes()) {
    const Batch<T> b(rows, units);
    GuardedBuffer<T> x(b.x), y(rows * units), scales(rows);
    normalise_rows(*this->table_, b, 0, rows, x.data(), y.data(), scales.data());
    for (std::size_t i = 0; i < rows; ++i) {
      double mean = 0, variance = 0;
      const double n = static_cast<double>(units);
      for (std::size_t j = 0; j < units; ++j) mean += double(b.x[i * units + j]) / n;
      for (std::size_t j = 0; j < units; ++j) {
        variance += std::pow(double(b.x[i * units + j]) - mean, 2) / n;
      }
      const double scale = 1 / std::sqrt(variance + 1e-5);
      EXPECT_NEAR(scales.values()[i] / scale, 1, 100 * this->kEpsilon);
      for (std::size_t j = 0; j < units; ++j) {
        const double normalised = (double(b.x[i * units + j]) - mean) * scale;
        const double tolerance = 100 * this->kEpsilon * (1 + scale);
        EXPECT_NEAR(x.values()[i * units + j], normalised, tolerance);
        EXPECT_NEAR(y.values()[i * units + j], normalised * b.gamma[j] + b.beta[j], tolerance);
      }
    }
    EXPECT_TRUE(x.sentinels_intact() && y.sentinels_intact() && scales.sentinels_intact());
  }
}

template <class T>
RowNormalisationBack<T> back_of(const Batch<T>& b, T* x, const std::vector<T>& scales, T* of_gamma,
                                T* of_beta) {
  return {{b.delta.data(), b.units}, {x, b.units}, b.rows, b.units, b.gamma.data(),
          {scales.data(), 1},        of_gamma,     of_beta};
}

/// By the Jacobian of a row, element by element.
TYPED_TEST(LayerKernels, NormaliseRowsBack) {
  using T = TypeParam;
  for (const auto& [rows, units] : kernel_shapes()) {
    const Batch<T> b(rows, units);
    const auto scales = random_numbers<T>(rows, 7, 0.5, 2);
    GuardedBuffer<T> x(b.x), of_gamma(units), of_beta(units);
    const auto back = back_of(b, x.data(), scales, of_gamma.data(), of_beta.data());
    this->table_->normalised_sums(back);
    EXPECT_TRUE(same_bits(x.values(), b.x));
    this->table_->normalise_rows_back(back);
    const double n = static_cast<double>(units);
    for (std::size_t j = 0; j < units; ++j) {
      double by_gamma = 0, by_beta = 0;
      for (std::size_t i = 0; i < rows; ++i) {
        by_gamma += double(b.delta[i * units + j]) * b.x[i * units + j];
        by_beta += b.delta[i * units + j];
      }
      EXPECT_NEAR(of_gamma.values()[j], by_gamma, 200 * this->kEpsilon);
      EXPECT_NEAR(of_beta.values()[j], by_beta, 50 * this->kEpsilon);
    }
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t j = 0; j < units; ++j) {
        double expected = 0;
        for (std::size_t k = 0; k < units; ++k) {
          const double jacobian =
              (j == k ? 1 : 0) - 1 / n - double(b.x[i * units + j]) * b.x[i * units + k] / n;
          expected += scales[i] * jacobian * b.delta[i * units + k] * b.gamma[k];
        }
        EXPECT_NEAR(x.values()[i * units + j], expected, 500 * this->kEpsilon);
      }
    }
    EXPECT_TRUE(x.sentinels_intact() && of_gamma.sentinels_intact() && of_beta.sentinels_intact());
  }
}

/// Threads take rows or columns of their own: no cut may change a bit.
TYPED_TEST(LayerKernels, NoCutChangesABit) {
  using T = TypeParam;
  constexpr std::size_t rows = 37, units = 53;
  for (std::size_t cut = 1; cut < units; ++cut) {
    Batch<T> whole(rows, units), parts(rows, units);
    const auto moments = [&](Batch<T>& b, std::size_t first, std::size_t n) {
      this->table_->column_moments({b.x.data() + first, units}, rows, n, b.mean.data() + first,
                                   b.variance.data() + first);
    };
    moments(whole, 0, units);
    moments(parts, 0, cut);
    moments(parts, cut, units - cut);
    ASSERT_TRUE(same_bits(whole.mean, parts.mean) && same_bits(whole.variance, parts.variance));
    std::vector<T> x(whole.x), y(whole.x), g(units), h(units), k(units), l(units);
    normalise_back(*this->table_, whole, 0, units, x.data(), g.data(), h.data());
    normalise_back(*this->table_, whole, 0, cut, y.data(), k.data(), l.data());
    normalise_back(*this->table_, whole, cut, units - cut, y.data(), k.data(), l.data());
    ASSERT_TRUE(same_bits(x, y) && same_bits(g, k) && same_bits(h, l)) << "cut at " << cut;
  }
}

}  // namespace
}  // namespace skarma::kernels
