#include <skarma/core/net/layer.hpp>

#include <stdexcept>

#include <gtest/gtest.h>

namespace skarma {
namespace {

/// Of one row or column: how many places there are, and how many zeros come before the image.
struct Side {
  std::size_t input, size, stride;
  bool same;
  std::size_t places, before;
};

/// The lecture's (N - F) / stride + 1, and TensorFlow's rule for 'same', whose zeros come behind
/// the image first.
TEST(Window, HasAPlaceForEachStride) {
  for (const Side& side :
       {Side{7, 3, 1, false, 5, 0}, Side{7, 3, 2, false, 3, 0}, Side{8, 3, 2, false, 3, 0},
        Side{5, 5, 3, false, 1, 0}, Side{7, 3, 1, true, 7, 1}, Side{7, 2, 1, true, 7, 0},
        Side{7, 4, 1, true, 7, 1}, Side{7, 3, 2, true, 4, 1}, Side{8, 3, 2, true, 4, 0},
        Side{5, 1, 3, true, 2, 0}}) {
    const Window rows = window_of({side.size, 1, side.stride, 1, side.same}, {side.input, 1, 2}, 6);
    EXPECT_EQ(rows.output, (ImageShape{side.places, 1, 6}));
    EXPECT_EQ(rows.top, side.before);
    const Window columns =
        window_of({1, side.size, 1, side.stride, side.same}, {1, side.input, 2}, 6);
    EXPECT_EQ(columns.output, (ImageShape{1, side.places, 6}));
    EXPECT_EQ(columns.left, side.before);
  }
  EXPECT_EQ(window_of({3, 2}, {4, 4, 5}, 1).size(), 30u);
}

Layer dense(std::size_t units) { return {Operation::dense, units}; }

std::string problem_of(const ImageShape& input, std::vector<Layer> layers) {
  try {
    nodes_of(input, layers);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

TEST(Nodes, SayWhichLayerDoesNotFit) {
  const Layer flatten{Operation::flatten};
  const Layer convolution{.operation = Operation::conv2d, .units = 2, .window = {3, 3}};
  EXPECT_EQ(
      problem_of({2, 2, 3}, {dense(3)}),
      "Layer 1: a dense layer reads rows of numbers and not images of shape (2, 2, 3): flatten "
      "them first.");
  EXPECT_EQ(problem_of({4, 4, 1}, {convolution, convolution}),
            "Layer 2: a window of 3 x 3 does not fit into an image of 2 x 2.");
  EXPECT_EQ(problem_of({1, 1, 4}, {{.operation = Operation::add, .inner = {flatten}}}),
            "Layer 1: a residual block begins with a dense or a conv2d layer.");
  EXPECT_EQ(problem_of({1, 1, 4}, {dense(2), {.operation = Operation::add, .inner = {dense(3)}}}),
            "Layer 2: a residual block must keep the shape (1, 1, 2) that it reads: it makes "
            "(1, 1, 3).");
  EXPECT_EQ(problem_of({2, 2, 3}, {flatten, dense(3)}), "");
}

TEST(Nodes, HaveTheirShapes) {
  const std::vector<Layer> layers = {{.operation = Operation::conv2d, .units = 6, .window = {5, 5}},
                                     {.operation = Operation::batch_norm},
                                     {.operation = Operation::max_pool, .window = {2, 2, 2, 2}},
                                     {.operation = Operation::average_pool, .window = {0, 0}},
                                     dense(10)};
  const auto nodes = nodes_of({32, 32, 3}, layers);
  ASSERT_EQ(nodes.size(), 6u);
  EXPECT_EQ(nodes[1].image, (ImageShape{28, 28, 6}));
  EXPECT_EQ(nodes[1].slots[0].size + nodes[1].slots[1].size, 456u);
  EXPECT_EQ(nodes[2].slots[0].size, 6u);
  EXPECT_EQ(nodes[3].image, (ImageShape{14, 14, 6}));
  EXPECT_EQ(nodes[4].image, (ImageShape{1, 1, 6}));
  EXPECT_EQ(nodes[5].units, 10u);
}

}  // namespace
}  // namespace skarma
