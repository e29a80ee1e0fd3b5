// The products of dense layers against naive sums in long double, with sentinels around what they
// may write. CTest runs these tests once for each instruction set, as those of the other kernels.
#include <algorithm>
#include <cmath>
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
using test::GuardedBuffer;
using test::random_numbers;

struct ProductShape {
  std::size_t rows, cols, depth;
};

/// Every width from 1 to 110, so that every panel and tail occurs, and every height up to 20.
std::vector<ProductShape> product_shapes() {
  std::vector<ProductShape> all{
      {5, 7, 0}, {200, 100, 30}, {3, 40, 1100}, {9, 1, 517}, {8, 2000, 150}};
  // Gradients in blocks, with every overlap of the last vector.
  for (std::size_t cols = 2; cols < 50; cols += 3) all.push_back({9, cols, 600});
  for (std::size_t n = 1; n <= 110; ++n) all.push_back({9, n, 3});
  for (std::size_t n = 1; n <= 20; ++n) {
    for (const std::size_t cols : {1, 3, 17, 33}) {
      all.push_back({n, cols, 1});
      all.push_back({n, cols, 5});
    }
  }
  return all;
}

template <class T>
class Products : public test::KernelTest<T> {};
TYPED_TEST_SUITE(Products, test::RealTypes);

/// sum over p of a(i, p) b(p, j), for all i and j.
template <class A, class B>
std::vector<Real> naive_sums(const ProductShape& shape, A a, B b) {
  std::vector<Real> c;
  for (std::size_t i = 0; i < shape.rows; ++i) {
    for (std::size_t j = 0; j < shape.cols; ++j) {
      Real sum = 0;
      for (std::size_t p = 0; p < shape.depth; ++p) sum += Real(a(i, p)) * b(p, j);
      c.push_back(sum);
    }
  }
  return c;
}

/// A product kernel's operands, its result and its room, guarded. Rows of c lie `c_stride` apart.
template <class T>
struct Operands {
  ProductShape shape;
  std::size_t c_stride;
  std::vector<T> a, b, beside;
  GuardedBuffer<T> c, room;

  Operands(const ProductShape& s, std::size_t n_beside, std::size_t room_size,
           std::size_t stride = 0)
      : shape(s),
        c_stride(std::max(stride, s.cols)),
        a(random_numbers<T>(s.rows * s.depth, 1)),
        b(random_numbers<T>(s.depth * s.cols, 2)),
        beside(random_numbers<T>(n_beside, 3)),
        c(random_numbers<T>(s.rows * c_stride, 4)),
        room(room_size) {}

  DenseProduct<T> product() {
    return {{a.data(), shape.depth},
            {b.data(), shape.cols},
            {c.data(), c_stride},
            shape.rows,
            shape.cols,
            shape.depth,
            beside.data(),
            room.data()};
  }
  DenseProduct<T> product_with_transposed_b() {
    DenseProduct<T> p = product();
    p.b.stride = shape.depth;
    return p;
  }
  /// c without what is between its rows.
  std::vector<T> result() const {
    const std::vector<T> all = c.values();
    std::vector<T> elements;
    for (std::size_t i = 0; i < shape.rows; ++i) {
      const auto row = all.begin() + static_cast<std::ptrdiff_t>(i * c_stride);
      elements.insert(elements.end(), row, row + static_cast<std::ptrdiff_t>(shape.cols));
    }
    return elements;
  }
  bool sentinels_intact() const { return c.sentinels_intact() && room.sentinels_intact(); }
};

/// Rows that touch, rows with a gap, and rows at cache lines, as networks have them.
template <class T>
std::vector<std::size_t> strides(std::size_t cols) {
  constexpr std::size_t line = 64 / sizeof(T);
  return {cols, cols + 1, (cols + line - 1) / line * line};
}

template <class T>
double tolerance(const ProductShape& shape) {
  return (4 + static_cast<double>(shape.depth)) * std::numeric_limits<T>::epsilon();
}

/// Whose values, or derivatives, are built into products.
constexpr int kActivatedProducts[] = {kIdentity, kLogistic, kTanh, kRelu, kLeakyRelu};
constexpr int kDerivedProducts[] = {kIdentity, kLogistic, kTanh, kRelu,     kGelu,
                                    kGeluTanh, kSilu,     kMish, kLeakyRelu};

TYPED_TEST(Products, AreThereForSomeActivations) {
  for (int kernel = 0; kernel < kActivationFunctions; ++kernel) {
    EXPECT_EQ(this->table_->product_activate[kernel] != nullptr,
              std::ranges::count(kActivatedProducts, kernel) == 1)
        << kernel;
    EXPECT_EQ(this->table_->backward_product[kernel] != nullptr,
              std::ranges::count(kDerivedProducts, kernel) == 1)
        << kernel;
  }
}

/// The number that an activation takes goes with the product.
template <class T>
DenseProduct<T> with_number(DenseProduct<T> product, int kernel) {
  product.number = static_cast<T>(test::number_of(kernel));
  return product;
}

TYPED_TEST(Products, PlainAndActivated) {
  using T = TypeParam;
  for (const auto& shape : product_shapes()) {
    SCOPED_TRACE(testing::Message() << shape.rows << " x " << shape.cols << " x " << shape.depth);
    for (const std::size_t stride : strides<T>(shape.cols)) {
      Operands<T> o(shape, shape.cols, this->table_->product_room(shape.cols, shape.depth), stride);
      const auto expected = naive_sums(
          shape, [&](auto i, auto p) { return o.a[i * shape.depth + p]; },
          [&](auto p, auto j) { return o.b[p * shape.cols + j]; });
      this->table_->product(o.product());
      EXPECT_TRUE(test::close(o.result(), expected, tolerance<T>(shape))) << stride;
      for (const int kernel : kActivatedProducts) {
        std::vector<Real> activated;
        for (std::size_t i = 0; i < expected.size(); ++i) {
          activated.push_back(test::activated(kernel, expected[i] + o.beside[i % shape.cols]));
        }
        this->table_->product_activate[kernel](with_number(o.product(), kernel));
        EXPECT_TRUE(test::close(o.result(), activated, 2 * tolerance<T>(shape)))
            << kernel << " with rows " << stride << " apart";
      }
      EXPECT_TRUE(o.sentinels_intact());
    }
  }
}

/// Bit by bit: sparse samples, in whose products no activation is built in, train like dense ones.
/// Only the sums of a single column are others there, too.
TYPED_TEST(Products, ActivatedIsTheProductThenBiasAndActivation) {
  using T = TypeParam;
  for (const auto& shape : product_shapes()) {
    if (shape.cols == 1) continue;
    SCOPED_TRACE(testing::Message() << shape.rows << " x " << shape.cols << " x " << shape.depth);
    for (const std::size_t stride : strides<T>(shape.cols)) {
      Operands<T> o(shape, shape.cols, this->table_->product_room(shape.cols, shape.depth), stride);
      for (const int kernel : kActivatedProducts) {
        this->table_->product_activate[kernel](with_number(o.product(), kernel));
        const auto together = o.result();
        this->table_->product(o.product());
        this->table_->bias_activate[kernel]({o.c.data(), o.c_stride}, o.beside.data(), shape.rows,
                                            shape.cols, static_cast<T>(test::number_of(kernel)));
        EXPECT_EQ(together, o.result()) << kernel << " with rows " << stride << " apart";
      }
    }
  }
}

TYPED_TEST(Products, BackwardTimesTheDerivative) {
  using T = TypeParam;
  for (const auto& shape : product_shapes()) {
    SCOPED_TRACE(testing::Message() << shape.rows << " x " << shape.cols << " x " << shape.depth);
    for (const std::size_t stride : strides<T>(shape.cols)) {
      Operands<T> o(shape, shape.rows * stride, this->table_->product_room(shape.cols, shape.depth),
                    stride);
      const auto sums = naive_sums(
          shape, [&](auto i, auto p) { return o.a[i * shape.depth + p]; },
          [&](auto p, auto j) { return o.b[j * shape.depth + p]; });
      for (const int kernel : kDerivedProducts) {
        if (kernel == kRelu) {
          for (T& a : o.beside) a = std::max(a, T(0));
        }
        std::vector<Real> expected;
        for (std::size_t i = 0; i < sums.size(); ++i) {
          const std::size_t at = i / shape.cols * stride + i % shape.cols;
          expected.push_back(sums[i] * test::derivative(kernel, o.beside[at]));
        }
        this->table_->backward_product[kernel](with_number(o.product_with_transposed_b(), kernel));
        EXPECT_TRUE(test::close(o.result(), expected, 2 * tolerance<T>(shape)))
            << kernel << " with rows " << stride << " apart";
      }
      EXPECT_TRUE(o.sentinels_intact());
    }
  }
}

/// With rows of a further apart than they are long, as where a thread has some of the features.
TYPED_TEST(Products, Gradient) {
  using T = TypeParam;
  for (const auto& shape : product_shapes()) {
    SCOPED_TRACE(testing::Message() << shape.rows << " x " << shape.cols << " x " << shape.depth);
    if (shape.depth == 0) continue;
    for (const std::size_t b_stride : strides<T>(shape.cols)) {
      Operands<T> o(shape, 0, this->table_->gradient_room(shape.cols, shape.depth));
      const std::size_t a_stride = shape.rows + 3;
      o.a = random_numbers<T>(a_stride * shape.depth, 1);
      o.b = random_numbers<T>(b_stride * shape.depth, 2);
      DenseProduct<T> product = o.product();
      product.a.stride = a_stride;
      product.b.stride = b_stride;
      this->table_->gradient_product(product);
      const auto expected = naive_sums(
          shape, [&](auto i, auto p) { return o.a[p * a_stride + i]; },
          [&](auto p, auto j) { return o.b[p * b_stride + j]; });
      EXPECT_TRUE(test::close(o.c.values(), expected, tolerance<T>(shape))) << b_stride;
      EXPECT_TRUE(o.sentinels_intact());
    }
  }
}

/// What lets threads share a product wherever they like.
TYPED_TEST(Products, CutsOfTheRowsChangeNoBit) {
  using T = TypeParam;
  for (const std::size_t cols : {1, 5, 16, 100}) {
    const ProductShape shape{45, cols, 600};
    const std::size_t room = std::max(this->table_->gradient_room(shape.cols, shape.depth),
                                      this->table_->product_room(shape.cols, shape.depth));
    Operands<T> o(shape, shape.cols, room);
    DenseProduct<T> gradient = o.product();
    gradient.a.stride = shape.rows;
    this->table_->product_activate[kRelu](o.product());
    const auto whole = o.c.values();
    this->table_->gradient_product(gradient);
    const auto whole_gradient = o.c.values();
    for (const std::size_t cut : {1, 7, 8, 20, 44}) {
      const auto in_two = [&](const DenseProduct<T>& product, auto run) {
        DenseProduct<T> first = product, second = first;
        first.rows = cut;
        second.rows -= cut;
        second.c.data += cut * cols;
        run(first, std::size_t{0});
        run(second, cut);
        return o.c.values();
      };
      EXPECT_TRUE(test::same_bits(in_two(o.product(),
                                         [&](DenseProduct<T>& part, std::size_t begin) {
                                           part.a = part.a.from_row(begin);
                                           this->table_->product_activate[kRelu](part);
                                         }),
                                  whole));
      EXPECT_TRUE(test::same_bits(in_two(gradient,
                                         [&](DenseProduct<T>& part, std::size_t begin) {
                                           part.a.column += begin;
                                           this->table_->gradient_product(part);
                                         }),
                                  whole_gradient));
    }
  }
}

TYPED_TEST(Products, CutsOfTheRowsChangeNoBitOfDerivatives) {
  using T = TypeParam;
  const ProductShape shape{45, 40, 20};
  for (const int kernel : kDerivedProducts) {
    Operands<T> o(shape, shape.rows * shape.cols,
                  this->table_->product_room(shape.cols, shape.depth), shape.cols);
    const DenseProduct<T> product = with_number(o.product_with_transposed_b(), kernel);
    this->table_->backward_product[kernel](product);
    const auto whole = o.c.values();
    for (const std::size_t cut : {1, 7, 8, 20, 44}) {
      DenseProduct<T> first = product, second = first;
      first.rows = cut;
      second.rows -= cut;
      second.a = second.a.from_row(cut);
      second.c.data = second.c.row(cut);
      second.beside += cut * shape.cols;
      this->table_->backward_product[kernel](first);
      this->table_->backward_product[kernel](second);
      EXPECT_TRUE(test::same_bits(o.c.values(), whole)) << "kernel " << kernel << " cut at " << cut;
    }
  }
}

TYPED_TEST(Products, NaNStaysInItsRowOrColumn) {
  using T = TypeParam;
  const ProductShape shape{11, 19, 6};
  Operands<T> o(shape, shape.cols, this->table_->product_room(shape.cols, shape.depth));
  o.a[4 * shape.depth] = std::numeric_limits<T>::quiet_NaN();
  for (const int kernel : kActivatedProducts) {
    this->table_->product_activate[kernel](with_number(o.product(), kernel));
    const auto c = o.c.values();
    for (std::size_t i = 0; i < c.size(); ++i) {
      EXPECT_EQ(std::isnan(c[i]), i / shape.cols == 4) << "kernel " << kernel << " at " << i;
    }
  }
}

/// The rows of a in falling order, with NaN between them, and where they are to be found.
template <class T>
struct ScatteredRows {
  std::vector<T> values;
  std::vector<const T*> starts;

  ScatteredRows(const std::vector<T>& a, std::size_t rows, std::size_t cols)
      : values(rows * (cols + 3), std::numeric_limits<T>::quiet_NaN()) {
    for (std::size_t i = 0; i < rows; ++i) {
      T* to = values.data() + (rows - 1 - i) * (cols + 3);
      std::copy_n(a.data() + i * cols, cols, to);
      starts.push_back(to);
    }
  }
};

TYPED_TEST(Products, RowsThatLieAnywhereGiveTheSameBits) {
  using T = TypeParam;
  for (const auto& shape : product_shapes()) {
    if (shape.cols == 1 || shape.depth == 0) continue;
    SCOPED_TRACE(testing::Message() << shape.rows << " x " << shape.cols << " x " << shape.depth);
    Operands<T> o(shape, shape.cols, this->table_->product_room(shape.cols, shape.depth));
    const auto result_of = [&](auto kernel, const DenseRows<T>& a) {
      DenseProduct<T> product = o.product();
      product.a = a;
      kernel(product);
      return o.c.values();
    };
    const ScatteredRows<T> rows(o.a, shape.rows, shape.depth);
    for (const auto kernel : {this->table_->product, this->table_->product_activate[kTanh],
                              this->table_->product_activate[kRelu]}) {
      EXPECT_TRUE(
          test::same_bits(result_of(kernel, rows.starts.data()), result_of(kernel, o.product().a)));
    }
  }
}

/// Also for features from the second on, as a thread may have them.
TYPED_TEST(Products, GradientsOfRowsThatLieAnywhereHaveTheSameBits) {
  using T = TypeParam;
  for (const auto& shape : product_shapes()) {
    if (shape.depth == 0) continue;
    SCOPED_TRACE(testing::Message() << shape.rows << " x " << shape.cols << " x " << shape.depth);
    Operands<T> o(shape, 0, this->table_->gradient_room(shape.cols, shape.depth));
    o.a = random_numbers<T>((shape.rows + 1) * shape.depth, 1);
    const ScatteredRows<T> rows(o.a, shape.depth, shape.rows + 1);
    for (const std::size_t b_stride : strides<T>(shape.cols)) {
      o.b = random_numbers<T>(b_stride * shape.depth, 2);
      const auto gradient_of = [&](const DenseRows<T>& a) {
        DenseProduct<T> product = o.product();
        product.a = a;
        product.a.column = 1;
        product.b.stride = b_stride;
        this->table_->gradient_product(product);
        return o.c.values();
      };
      EXPECT_TRUE(test::same_bits(gradient_of(rows.starts.data()),
                                  gradient_of({o.a.data(), shape.rows + 1})))
          << b_stride;
    }
  }
}

/// Rows of a at cache lines, NaN between them.
TYPED_TEST(Products, WhatIsBetweenRowsMeansNothing) {
  using T = TypeParam;
  constexpr std::size_t line = 16;
  const auto nan = std::numeric_limits<T>::quiet_NaN();
  for (const std::size_t cols : {1, 3, 20}) {
    const ProductShape shape{21, cols, 11};
    Operands<T> o(shape, cols, this->table_->product_room(cols, shape.depth));
    this->table_->product(o.product());
    const auto expected = o.c.values();
    std::vector<T> spread(shape.rows * line, nan);
    for (std::size_t i = 0; i < shape.rows * shape.depth; ++i) {
      spread[i / shape.depth * line + i % shape.depth] = o.a[i];
    }
    DenseProduct<T> product = o.product();
    product.a = {spread.data(), line};
    this->table_->product(product);
    EXPECT_TRUE(test::close(o.c.values(), std::vector<Real>(expected.begin(), expected.end()),
                            tolerance<T>(shape)));
  }
}

}  // namespace
}  // namespace skarma::kernels
