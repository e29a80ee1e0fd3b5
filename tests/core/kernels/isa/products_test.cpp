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

/// A product kernel's operands, its result and its room, guarded.
template <class T>
struct Operands {
  ProductShape shape;
  std::vector<T> a, b, beside;
  GuardedBuffer<T> c, room;

  Operands(const ProductShape& s, std::size_t n_beside, std::size_t room_size)
      : shape(s),
        a(random_numbers<T>(s.rows * s.depth, 1)),
        b(random_numbers<T>(s.depth * s.cols, 2)),
        beside(random_numbers<T>(n_beside, 3)),
        c(random_numbers<T>(s.rows * s.cols, 4)),
        room(room_size) {}

  DenseProduct<T> product() {
    return {a.data(),   b.data(),    c.data(),      shape.rows,
            shape.cols, shape.depth, beside.data(), room.data()};
  }
  bool sentinels_intact() const { return c.sentinels_intact() && room.sentinels_intact(); }
};

template <class T>
double tolerance(const ProductShape& shape) {
  return (4 + static_cast<double>(shape.depth)) * std::numeric_limits<T>::epsilon();
}

TYPED_TEST(Products, PlainAndActivated) {
  using T = TypeParam;
  for (const auto& shape : product_shapes()) {
    SCOPED_TRACE(testing::Message() << shape.rows << " x " << shape.cols << " x " << shape.depth);
    Operands<T> o(shape, shape.cols, this->table_->product_room(shape.cols, shape.depth));
    const auto expected = naive_sums(
        shape, [&](auto i, auto p) { return o.a[i * shape.depth + p]; },
        [&](auto p, auto j) { return o.b[p * shape.cols + j]; });
    this->table_->product(o.product());
    EXPECT_TRUE(test::close(o.c.values(), expected, tolerance<T>(shape)));
    for (int kernel = 0; kernel < kExp; ++kernel) {
      std::vector<Real> activated;
      for (std::size_t i = 0; i < expected.size(); ++i) {
        activated.push_back(test::activated(kernel, expected[i] + o.beside[i % shape.cols]));
      }
      this->table_->product_activate[kernel](o.product());
      EXPECT_TRUE(test::close(o.c.values(), activated, 2 * tolerance<T>(shape))) << kernel;
    }
    EXPECT_TRUE(o.sentinels_intact());
  }
}

TYPED_TEST(Products, BackwardTimesTheDerivative) {
  using T = TypeParam;
  for (const auto& shape : product_shapes()) {
    SCOPED_TRACE(testing::Message() << shape.rows << " x " << shape.cols << " x " << shape.depth);
    Operands<T> o(shape, shape.rows * shape.cols,
                  this->table_->product_room(shape.cols, shape.depth));
    const auto sums = naive_sums(
        shape, [&](auto i, auto p) { return o.a[i * shape.depth + p]; },
        [&](auto p, auto j) { return o.b[j * shape.depth + p]; });
    for (int kernel = 0; kernel < kExp; ++kernel) {
      if (kernel == kRelu) {
        for (T& a : o.beside) a = std::max(a, T(0));
      }
      std::vector<Real> expected;
      for (std::size_t i = 0; i < sums.size(); ++i) {
        expected.push_back(sums[i] * test::derivative(kernel, o.beside[i]));
      }
      this->table_->backward_product[kernel](o.product());
      EXPECT_TRUE(test::close(o.c.values(), expected, 2 * tolerance<T>(shape))) << kernel;
    }
    EXPECT_TRUE(o.sentinels_intact());
  }
}

/// With rows of a further apart than they are long, as where a thread has some of the features.
TYPED_TEST(Products, GradientAndColumnSums) {
  using T = TypeParam;
  for (const auto& shape : product_shapes()) {
    SCOPED_TRACE(testing::Message() << shape.rows << " x " << shape.cols << " x " << shape.depth);
    Operands<T> o(shape, 0, this->table_->gradient_room(shape.cols, shape.depth));
    const std::size_t stride = shape.rows + 3;
    o.a = random_numbers<T>(stride * shape.depth, 1);
    GuardedBuffer<T> sums(random_numbers<T>(shape.cols, 5));
    this->table_->gradient_product(o.product(), stride, sums.data());
    const auto b = [&](auto p, auto j) { return o.b[p * shape.cols + j]; };
    const auto expected = naive_sums(
        shape, [&](auto i, auto p) { return o.a[p * stride + i]; }, b);
    const auto ones = [](auto, auto) { return 1; };
    if (shape.depth > 0) {
      EXPECT_TRUE(test::close(o.c.values(), expected, tolerance<T>(shape)));
      EXPECT_TRUE(test::close(sums.values(), naive_sums({1, shape.cols, shape.depth}, ones, b),
                              tolerance<T>(shape)));
    }
    EXPECT_TRUE(o.sentinels_intact() && sums.sentinels_intact());
    this->table_->gradient_product(o.product(), stride, nullptr);
  }
}

/// What lets threads share a product wherever they like.
TYPED_TEST(Products, CutsOfTheRowsChangeNoBit) {
  using T = TypeParam;
  for (const std::size_t cols : {1, 5, 16, 100}) {
    const ProductShape shape{45, cols, 600};
    Operands<T> o(shape, shape.cols, this->table_->gradient_room(shape.cols, shape.depth));
    std::vector<T> a_of_gradient(o.a);
    this->table_->product_activate[kRelu](o.product());
    const auto whole = o.c.values();
    this->table_->gradient_product(o.product(), shape.rows, nullptr);
    const auto whole_gradient = o.c.values();
    for (const std::size_t cut : {1, 7, 8, 20, 44}) {
      const auto in_two = [&](auto run) {
        DenseProduct<T> first = o.product(), second = first;
        first.rows = cut;
        second.rows -= cut;
        second.c += cut * cols;
        run(first, std::size_t{0});
        run(second, cut);
        return o.c.values();
      };
      EXPECT_TRUE(test::same_bits(in_two([&](DenseProduct<T>& part, std::size_t begin) {
                                    part.a += begin * shape.depth;
                                    this->table_->product_activate[kRelu](part);
                                  }),
                                  whole));
      EXPECT_TRUE(test::same_bits(in_two([&](DenseProduct<T>& part, std::size_t begin) {
                                    part.a += begin;
                                    this->table_->gradient_product(part, shape.rows, nullptr);
                                  }),
                                  whole_gradient));
    }
  }
}

TYPED_TEST(Products, NaNStaysInItsRowOrColumn) {
  using T = TypeParam;
  const ProductShape shape{11, 19, 6};
  Operands<T> o(shape, shape.cols, this->table_->product_room(shape.cols, shape.depth));
  o.a[4 * shape.depth] = std::numeric_limits<T>::quiet_NaN();
  for (int kernel = 0; kernel < kExp; ++kernel) {
    this->table_->product_activate[kernel](o.product());
    const auto c = o.c.values();
    for (std::size_t i = 0; i < c.size(); ++i) {
      EXPECT_EQ(std::isnan(c[i]), i / shape.cols == 4) << "kernel " << kernel << " at " << i;
    }
  }
}

}  // namespace
}  // namespace skarma::kernels
