// The kernels on a GPU beside the same on this processor. compute-sanitizer runs over these tests:
// CudaDevice.* trains small networks, which its slowest tools take, CudaDeviceWide.* larger ones.
#include <cmath>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/gpu.hpp>
#include <skarma/tests/support/kernel_test.hpp>
#include <skarma/tests/support/problem.hpp>

namespace skarma {
namespace {

template <class T>
void expect_the_same_on_a_gpu(const test::Problem<T>& problem, std::string_view rule) {
  const double tolerance = std::is_same_v<T, double> ? 1e-9 : 4e-3;
  const test::Made expected = test::made_on(test::kCudaHost, problem, rule);
  const test::Made made = test::made_on(test::kCuda, problem, rule);
  test::expect_close(made, expected, tolerance);
  EXPECT_TRUE(test::close(made.predicted, expected.predicted, tolerance));
}

/// Images of a side, through all that sees windows and what stands between.
NetworkSpec network_of_images(std::size_t side, std::size_t filters) {
  const auto activation = [](std::string_view name) {
    return Layer{.operation = Operation::activation, .activation = find_activation(name)};
  };
  const Layer kept{.operation = Operation::conv2d, .units = filters, .window = {3, 3, 1, 1, true}};
  const std::vector<Layer> layers{
      {.operation = Operation::rescale, .rate = 0.5, .shift = -0.25},
      kept,
      {Operation::batch_norm},
      activation("relu"),
      {.operation = Operation::add, .inner = {kept, activation("gelu"), kept}},
      {.operation = Operation::max_pool, .window = {2, 3, 2, 1, true}},
      {Operation::layer_norm},
      activation("tanh"),
      {.operation = Operation::dropout, .rate = 0.2},
      {.operation = Operation::conv2d, .units = 3, .window = {2, 2, 2, 1}},
      {.operation = Operation::average_pool, .window = {1, 2, 1, 1}},
      {Operation::flatten},
      {Operation::dense, 3}};
  return {ImageShape{side, side, 2}, layers, *find_loss("log_loss")};
}

template <class T>
class CudaDevice : public test::OnGpu {};
TYPED_TEST_SUITE(CudaDevice, test::RealTypes);

TYPED_TEST(CudaDevice, TrainsNetworksOfEverySize) {
  for (const std::size_t units : {1u, 31u, 33u}) {
    for (const std::size_t rows : {1u, 31u, 33u}) {
      SCOPED_TRACE(testing::Message() << units << " units, " << rows << " rows");
      expect_the_same_on_a_gpu<TypeParam>({{units, units, 3}, "tanh", "log_loss", rows}, "adam");
      expect_the_same_on_a_gpu<TypeParam>({{3, units, units, 1}, "relu", "huber", rows}, "sgd");
    }
  }
}

TYPED_TEST(CudaDevice, TrainsEveryLayer) {
  const HiddenLayerOptions all{.dropout = 0.3, .batch_norm = true, .residual = true};
  const NetworkSpec spec({6, 7, 7, 5, 5, 3}, *find_activation("silu"), *find_loss("log_loss"), all);
  expect_the_same_on_a_gpu<TypeParam>({spec, 33, true}, "rmsprop");
  const HiddenLayerOptions others{
      .dropout = std::vector{0.2, 0.1, 0.3, 0.1, 0.2}, .layer_norm = true, .noise = 0.5};
  const NetworkSpec normalised({6, 7, 7, 5, 5, 3}, *find_activation("selu"), *find_loss("log_loss"),
                               others);
  expect_the_same_on_a_gpu<TypeParam>({normalised, 33, true}, "rmsprop");
}

TYPED_TEST(CudaDevice, TrainsImages) {
  for (const std::size_t rows : {1u, 33u}) {
    SCOPED_TRACE(testing::Message() << rows << " rows");
    expect_the_same_on_a_gpu<TypeParam>({network_of_images(6, 2), rows, true}, "sgd");
  }
}

template <class T>
class CudaDeviceWide : public test::OnGpu {};
TYPED_TEST_SUITE(CudaDeviceWide, test::RealTypes);

/// Its parameters alone have more bytes than the threads of a block can share.
TYPED_TEST(CudaDeviceWide, TrainsNetworksOfTheWholeDevice) {
  for (const std::size_t rows : {1u, 65u}) {
    SCOPED_TRACE(testing::Message() << rows << " rows");
    expect_the_same_on_a_gpu<TypeParam>({{90, 400, 300, 3}, "relu", "log_loss", rows}, "adam");
  }
}

TYPED_TEST(CudaDeviceWide, TrainsImagesWithTheWholeDevice) {
  for (const std::size_t rows : {1u, 33u}) {
    SCOPED_TRACE(testing::Message() << rows << " rows");
    expect_the_same_on_a_gpu<TypeParam>({network_of_images(12, 24), rows, true}, "sgd");
  }
}

}  // namespace
}  // namespace skarma
