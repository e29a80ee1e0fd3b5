#include <skarma/gpu/block/layout.hpp>

#include <limits>

#include <gtest/gtest.h>

#include <skarma/core/net/network_spec.hpp>

namespace skarma::gpu {
namespace {

NetworkSpec spec_with(const HiddenLayerOptions& options) {
  return {{30, 100, 1}, *find_activation("relu"), *find_loss("binary_log_loss"), options};
}

BlockLayout within(const NetworkSpec& spec, Count batch, std::size_t memory) {
  return layout_within<float>(BlockProgram(spec).net(), batch,
                              {true, true, static_cast<Count>(2 * spec.n_trained())}, memory);
}

/// The network of most benchmarks, with its moments and a minibatch, in an H100's shared memory.
TEST(BlockLayout, HoldsASmallNetWhole) {
  const auto layout = within(spec_with({}), 200, 227 * 1024);
  EXPECT_EQ(layout.max_rows, 200U);
  EXPECT_LE(layout.bytes, 227U * 1024);
}

TEST(BlockLayout, HoldsAPartOfTheRows) {
  const auto layout = within(spec_with({}), 200, 96 * 1024);
  EXPECT_LT(layout.max_rows, 200U);
  EXPECT_GE(layout.max_rows, kFewestRowsAtOnce);
  EXPECT_LE(layout.bytes, 96U * 1024);
}

TEST(BlockLayout, SaysWhatDoesNotFit) {
  EXPECT_EQ(within(spec_with({}), 200, 48 * 1024).max_rows, 0U);
  EXPECT_EQ(within(spec_with({.batch_norm = true}), 200, 96 * 1024).max_rows, 0U);
}

TEST(BlockLayout, TakesAllRowsWhereANormalisationNeedsThem) {
  constexpr auto kEndless = std::numeric_limits<std::size_t>::max();
  EXPECT_EQ(within(spec_with({}), 5000, kEndless).max_rows, kRowsAtOnce);
  EXPECT_EQ(within(spec_with({.batch_norm = true}), 5000, kEndless).max_rows, 5000U);
}

}  // namespace
}  // namespace skarma::gpu
