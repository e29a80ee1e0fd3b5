#include <skarma/estimators/nn/layers.hpp>

#include <stdexcept>

#include <gtest/gtest.h>

#include <skarma/estimators/nn/internal/layer_parts.hpp>

namespace skarma::nn {
namespace {

TEST(SequentialLayers, AreMadeOfTheCoresOnes) {
  const auto parts = [](const Layer& layer) { return layer.parts->layers; };
  EXPECT_EQ(parts(Dense(3)).size(), 1u);
  EXPECT_EQ(parts(Dense(3, "sigmoid"))[1].activation, find_activation("logistic"));
  EXPECT_EQ(parts(Activation("swish"))[0].activation, find_activation("silu"));
  EXPECT_EQ(parts(Activation("leaky_relu(0.2)"))[0].activation->number, 0.2);
  EXPECT_TRUE(is_of_outputs(*parts(Dense(3, "softmax"))[1].activation));
  EXPECT_TRUE(parts(Dropout(0.0)).empty());
  const auto pool = parts(MaxPool2D({3, 2}))[0].window;
  EXPECT_EQ(pool.row_stride, 3u);
  EXPECT_EQ(pool.column_stride, 2u);
  EXPECT_TRUE(parts(Conv2D(3, {2, 2}, "relu", {1, 2}, "same"))[0].window.same);
  EXPECT_EQ(parts(Residual({Dense(3, "relu"), BatchNorm()}))[0].inner.size(), 3u);
}

TEST(SequentialLayers, RefuseWhatNoLayerCanBe) {
  EXPECT_THROW(Dense(0), std::invalid_argument);
  EXPECT_THROW(Dense(3, "maxout(2)"), std::invalid_argument);
  EXPECT_THROW(Dense(3, "rellu"), std::invalid_argument);
  EXPECT_THROW(Dropout(-0.1), std::invalid_argument);
  EXPECT_THROW(Dropout(1.0), std::invalid_argument);
  EXPECT_THROW(Conv2D(0, {3, 3}), std::invalid_argument);
  EXPECT_THROW(Conv2D(3, {3, 0}), std::invalid_argument);
  EXPECT_THROW(Conv2D(3, {3, 3}, "linear", {0, 1}), std::invalid_argument);
  EXPECT_THROW(MaxPool2D({2, 2}, {2, 2}, "full"), std::invalid_argument);
}

}  // namespace
}  // namespace skarma::nn
