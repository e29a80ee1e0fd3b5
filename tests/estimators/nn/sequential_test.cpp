#include <skarma/estimators/nn/sequential.hpp>

#include <cmath>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/tests/support/random_numbers.hpp>

namespace skarma::nn {
namespace {

Sequential small() {
  return Sequential({Conv2D(4, {3, 3}, "relu", {1, 1}, "same", {6, 6, 1}), MaxPool2D(), Flatten(),
                     Dense(8, "tanh"), Dense(3, "softmax")},
                    RandomSeed(0));
}

/// Images whose brightest third of rows is their class.
struct Images {
  Matrix<float> x = test::random_matrix<float>(90, 36, 5);
  std::vector<std::int32_t> y{};

  Images() {
    for (std::size_t i = 0; i < x.rows(); ++i) {
      y.push_back(static_cast<std::int32_t>(i % 3));
      for (std::size_t j = 0; j < 12; ++j) x(i, 12 * (i % 3) + j) += 1.0f;
    }
  }
};

TEST(Sequential, LearnsFromClassNumbersAndFromRows) {
  const Images images;
  Matrix<double> rows(90, 3);
  for (std::size_t i = 0; i < 90; ++i) rows(i, static_cast<std::size_t>(images.y[i])) = 1.0;
  std::vector<double> losses[2];
  for (const bool by_rows : {false, true}) {
    Sequential model = small();
    model.compile({.learning_rate = 1e-2},
                  by_rows ? "categorical_crossentropy" : "sparse_categorical_crossentropy");
    EXPECT_EQ(model.wants_class_numbers(), !by_rows);
    const TargetView y = by_rows ? TargetView(MatrixView<const double>(rows.data(), 90, 3))
                                 : TargetView(std::span<const std::int32_t>(images.y));
    const HistoryTable history =
        model.fit(images.x, y, {.batch_size = 16, .epochs = 30, .validation = {{images.x, y}}});
    ASSERT_EQ(history.loss.size(), 30u);
    ASSERT_EQ(history.accuracy.size(), 30u);
    EXPECT_LT(history.loss.back(), 0.1 * history.loss.front());
    const auto [loss, accuracy] = model.evaluate(images.x, y);
    EXPECT_NEAR(loss, history.validation_loss.back(), 1e-6);
    EXPECT_EQ(accuracy, history.validation_score.back());
    EXPECT_GT(accuracy, 0.95);
    losses[by_rows] = history.loss;
  }
  EXPECT_EQ(losses[0], losses[1]);
}

TEST(Sequential, AugmentsMinibatchesAlone) {
  const Images images;
  const TargetView y = std::span<const std::int32_t>(images.y);
  std::size_t n_seen = 0;
  const auto seen = AugmentFunction([&](const Minibatch& minibatch) {
    EXPECT_EQ(minibatch.height * minibatch.width * minibatch.channels, minibatch.x.cols());
    n_seen += minibatch.x.rows();
  });
  std::vector<std::vector<double>> weights;
  for (const std::vector<Augmentation>& augment :
       {std::vector<Augmentation>{}, {seen}, {RandomCrop{1}, seen}}) {
    Sequential model = small();
    model.compile({}, "sparse_categorical_crossentropy");
    model.fit(images.x, y, {.epochs = 2, .validation = {{images.x, y}}, .augment = augment});
    weights.push_back(model.weights());
  }
  EXPECT_EQ(n_seen, 2u * 2 * 90);
  EXPECT_NE(weights[1], weights[2]);
  Sequential rows({Dense(2, "linear", {36})});
  rows.compile({}, "squared_error");
  const Matrix<double> targets(90, 2);
  EXPECT_THROW(rows.fit(images.x, targets.view(), {.augment = {RandomFlip{}}}),
               std::invalid_argument);
}

TEST(Sequential, CountsAndNamesItsLayers) {
  const auto lines = small().summary();
  ASSERT_EQ(lines.size(), 5u);
  EXPECT_EQ(lines[0].name, "conv2d_1");
  EXPECT_EQ(lines[1].name, "max_pool2d_1");
  EXPECT_EQ(lines[0].output_shape, (Shape{6, 6, 4}));
  EXPECT_EQ(lines[1].output_shape, (Shape{3, 3, 4}));
  EXPECT_EQ(lines[3].n_parameters, 36u * 8 + 8);
  EXPECT_EQ(lines[4].name, "dense_2");
  EXPECT_EQ(small().count_params(), 40u + 296 + 27);
}

/// A copy goes its own way, from the same numbers and the same stream.
TEST(Sequential, CopiesDeeply) {
  const Images images;
  const TargetView y = std::span<const std::int32_t>(images.y);
  Sequential model = small();
  model.compile({}, "sparse_categorical_crossentropy");
  model.fit(images.x, y, {});
  Sequential other = model;
  const auto before = model.weights();
  EXPECT_EQ(other.weights(), before);
  other.fit(images.x, y, {.epochs = 2});
  EXPECT_EQ(model.weights(), before);
  model.fit(images.x, y, {.epochs = 2});
  EXPECT_EQ(other.weights(), model.weights());
}

TEST(Sequential, PlacesOfWeightsCoverThemAll) {
  const Sequential model({Dense(4, "linear", {3}), BatchNorm(), Activation("relu"), Dense(1)},
                         RandomSeed(0));
  const auto places = model.weight_places();
  std::vector<std::string> names;
  std::size_t n = 0;
  for (const WeightPlace& place : places) {
    names.push_back(place.name);
    std::size_t size = 1;
    for (const std::size_t side : place.shape) size *= side;
    n += size;
  }
  EXPECT_EQ(names, (std::vector<std::string>{"coefs", "intercepts", "gamma", "beta", "mean",
                                             "variance", "coefs", "intercepts"}));
  EXPECT_EQ(places[0].layer, 0u);
  EXPECT_EQ(places[2].layer, 1u);
  EXPECT_EQ(places[6].layer, 3u);
  EXPECT_EQ(n, model.weights().size());
}

/// Of a layer, by its number.
std::vector<double> weights_of(const Sequential& model, std::size_t layer) {
  const auto all = model.weights();
  std::vector<double> own;
  for (const WeightPlace& place : model.weight_places()) {
    if (place.layer != layer) continue;
    std::size_t n = 1;
    for (const std::size_t side : place.shape) n *= side;
    const auto first = all.begin() + static_cast<std::ptrdiff_t>(place.offset);
    own.insert(own.end(), first, first + static_cast<std::ptrdiff_t>(n));
  }
  return own;
}

TEST(Sequential, OtherLayersKeepTheWeightsOfThoseThatStay) {
  Sequential model({Dense(4, "tanh", {3}), BatchNorm(), Dense(4), Dense(2, "softmax")},
                   RandomSeed(0));
  model.compile({}, "sparse_categorical_crossentropy");
  model.weights();  // are drawn
  const Sequential before = model;
  auto layers = model.layers();
  layers.insert(layers.begin() + 1, Dropout(0.5));
  layers.back() = Dense(2, "softmax");  // as the old one, but another
  model.set_layers(layers);
  EXPECT_TRUE(model.is_compiled());
  EXPECT_EQ(weights_of(model, 0), weights_of(before, 0));
  EXPECT_EQ(weights_of(model, 2), weights_of(before, 1));
  EXPECT_EQ(weights_of(model, 3), weights_of(before, 2));
  EXPECT_NE(weights_of(model, 4), weights_of(before, 3));

  layers.back() = Dense(5);
  model.set_layers(layers);
  EXPECT_FALSE(model.is_compiled());
  EXPECT_EQ(weights_of(model, 2), weights_of(before, 1));

  layers = {layers[0], layers[4]};  // reads 4 as before
  const auto last = weights_of(model, 4);
  model.set_layers(layers);
  EXPECT_EQ(weights_of(model, 1), last);
  EXPECT_THROW(model.set_layers({Dense(3), Flatten()}), std::invalid_argument);
  EXPECT_EQ(model.layers().size(), 2u);
  EXPECT_EQ(weights_of(model, 1), last);
}

TEST(Sequential, WhatIsNotTrainableStaysBitByBit) {
  const Images images;
  const TargetView y = std::span<const std::int32_t>(images.y);
  for (const char* rule : {"adam", "adamw", "sgd", "lion"}) {
    Sequential model(
        {Conv2D(4, {3, 3}, "relu", {1, 1}, "same", {6, 6, 1}), BatchNorm(), MaxPool2D(), Flatten(),
         Residual({Dense(36), LayerNorm()}), Dense(3, "softmax")},
        RandomSeed(0));
    model.compile({.name = rule}, "sparse_categorical_crossentropy");
    model.fit(images.x, y, {.epochs = 2});
    auto layers = model.layers();
    for (const std::size_t i : {0u, 1u, 4u}) layers[i].trainable = false;
    model.set_layers(layers);
    EXPECT_EQ(model.count_trainable_params(), 36u * 3 + 3);
    const Sequential before = model;
    const auto loss = model.fit(images.x, y, {.epochs = 3}).loss;
    EXPECT_LT(loss.back(), loss.front());
    for (const std::size_t i : {0u, 1u, 4u}) {
      EXPECT_EQ(weights_of(model, i), weights_of(before, i)) << rule << " " << i;
    }
    EXPECT_NE(weights_of(model, 5), weights_of(before, 5));
    layers[5].trainable = false;
    model.set_layers(layers);
    EXPECT_THROW(model.fit(images.x, y, {}), std::invalid_argument);
  }
}

TEST(Sequential, FeaturesAreWhatALayerMakes) {
  const Images images;
  Sequential model = small();
  const auto outputs = model.predict(images.x);
  EXPECT_EQ(model.features(images.x, 4), outputs);
  // The network whose last layer is that one, by its own prediction.
  const auto hidden = model.features(images.x, 3);
  ASSERT_EQ(hidden.cols(), 8u);
  const auto w = weights_of(model, 4);
  for (std::size_t i = 0; i < hidden.rows(); ++i) {
    std::vector<double> z(3);
    double sum = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      z[k] = w[24 + k];
      for (std::size_t j = 0; j < 8; ++j) z[k] += hidden(i, j) * w[3 * j + k];
      sum += std::exp(z[k]);
    }
    for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(std::exp(z[k]) / sum, outputs(i, k), 1e-6);
  }
  const auto flat = model.features(images.x, 2);
  EXPECT_EQ(model.features(images.x, 1), flat);
  EXPECT_EQ(flat.cols(), 36u);
  EXPECT_EQ(model.features(images.x, 0).cols(), 144u);
  EXPECT_THROW(model.features(images.x, 5), std::invalid_argument);
}

/// More values than one product hands on.
TEST(Sequential, FeaturesOfWideLayersAreWhole) {
  const Sequential model({Rescale(2.0, 1.0, {2500}), Dense(1)}, RandomSeed(0), false);
  const auto x = test::random_matrix<double>(5, 2500, 3);
  const auto features = model.features(x, 0);
  for (std::size_t i = 0; i < 5; ++i) {
    for (std::size_t j = 0; j < 2500; ++j) EXPECT_EQ(features(i, j), 2.0 * x(i, j) + 1.0);
  }
}

/// tanh once more.
CustomActivation own_tanh() {
  return {.name = "own_tanh",
          .value = [](double x) { return std::tanh(x); },
          .derivative = [](double x) { return 1.0 / (std::cosh(x) * std::cosh(x)); }};
}

/// The squared error once more.
CustomLoss own_squared_error() {
  return {.name = "own_squared_error",
          .value =
              [](auto y, auto t) {
                double sum = 0.0;
                for (std::size_t j = 0; j < y.size(); ++j) sum += (y[j] - t[j]) * (y[j] - t[j]);
                return sum / static_cast<double>(y.size());
              },
          .derivative =
              [](auto y, auto t, auto by_y) {
                for (std::size_t j = 0; j < y.size(); ++j) {
                  by_y[j] = 2.0 * (y[j] - t[j]) / static_cast<double>(y.size());
                }
              }};
}

TEST(Sequential, FunctionsOfOnesOwnTrainAsBuiltInOnesDo) {
  const auto x = test::random_matrix<double>(50, 4, 1), y = test::random_matrix<double>(50, 3, 2);
  const auto trained = [&](const Layer& activation, const auto& loss) {
    Sequential model({Dense(6, "linear", {4}), activation, Dense(3)}, RandomSeed(0), false);
    model.compile({.name = "sgd", .learning_rate = 0.1}, loss);
    const auto history = model.fit(x, y, {.epochs = 5, .validation = {{x, y}}});
    EXPECT_NEAR(model.evaluate(x, y).loss, history.validation_loss.back(), 1e-12);
    return std::pair(history.loss, model.predict(x).values());
  };
  const auto [losses, outputs] = trained(Activation("tanh"), "mse");
  const auto [own_losses, own_outputs] = trained(Activation(own_tanh()), own_squared_error());
  for (std::size_t i = 0; i < losses.size(); ++i) EXPECT_NEAR(own_losses[i], losses[i], 1e-12);
  for (std::size_t i = 0; i < outputs.size(); ++i) EXPECT_NEAR(own_outputs[i], outputs[i], 1e-12);
}

TEST(Sequential, LayersOfOnesOwnHaveShapesAndWeights) {
  // Each channel times a weight of its own, and their sum.
  const CustomLayer mix{.name = "Mix",
                        .value =
                            [](auto x, auto w, auto y) {
                              for (std::size_t j = 0; j < y.size(); ++j) {
                                y[j] = w[0] * x[2 * j] + w[1] * x[2 * j + 1];
                              }
                            },
                        .derivative =
                            [](auto x, auto w, auto by_y, auto by_x, auto by_w) {
                              for (std::size_t j = 0; j < by_y.size(); ++j) {
                                for (std::size_t k = 0; k < 2; ++k) {
                                  by_x[2 * j + k] = w[k] * by_y[j];
                                  by_w[k] += x[2 * j + k] * by_y[j];
                                }
                              }
                            },
                        .output_shape =
                            [](const Shape& shape) {
                              return Shape{shape[0], shape[1], 1};
                            },
                        .n_weights = 2,
                        .bound = 1.0};
  Sequential model({Custom(mix, {3, 3, 2}), Flatten(), Dense(1)}, RandomSeed(0), false);
  const auto lines = model.summary();
  EXPECT_EQ(lines[0].name, "mix_1");
  EXPECT_EQ(lines[0].output_shape, (Shape{3, 3, 1}));
  EXPECT_EQ(lines[0].n_parameters, 2u);
  const auto w = weights_of(model, 0);
  ASSERT_EQ(w.size(), 2u);
  const auto x = test::random_matrix<double>(30, 18, 1);
  const auto seen = model.features(x, 0);
  EXPECT_NEAR(seen(3, 4), w[0] * x(3, 8) + w[1] * x(3, 9), 1e-15);
  Matrix<double> y(30, 1);
  for (std::size_t i = 0; i < 30; ++i) {
    for (std::size_t j = 0; j < 18; ++j) y(i, 0) += (j % 2 == 0 ? 1.0 : -2.0) * x(i, j);
  }
  model.compile({.learning_rate = 0.05}, "mse");
  model.fit(x, y, {.epochs = 300});
  const auto learnt = weights_of(model, 0);
  EXPECT_NEAR(learnt[1] / learnt[0], -2.0, 1e-2);
  EXPECT_THROW(model.to_bytes(), std::invalid_argument);
  auto layers = model.layers();
  layers[0].trainable = false;
  model.set_layers(layers);
  model.fit(x, y, {});
  EXPECT_EQ(weights_of(model, 0), learnt);
  EXPECT_THROW(Custom(CustomLayer{.name = "none"}), std::invalid_argument);
  EXPECT_THROW(Activation(CustomActivation{.name = "none"}), std::invalid_argument);
  CustomLayer wrong = mix;
  wrong.output_shape = [](const Shape&) { return Shape{1, 2}; };
  EXPECT_THROW(Sequential({Custom(wrong, {3, 3, 2}), Flatten(), Dense(1)}), std::invalid_argument);
}

TEST(Sequential, ALossOfOnesOwnIsRefusedWhereItIsNone) {
  Sequential model({Dense(1, "linear", {2})}, RandomSeed(0));
  CustomLoss loss = own_squared_error();
  loss.name = "mse";
  EXPECT_THROW(model.compile({}, loss), std::invalid_argument);
  EXPECT_THROW(model.compile({}, CustomLoss{.name = "none"}), std::invalid_argument);
  EXPECT_FALSE(model.is_compiled());
  model.compile({}, own_squared_error());
  EXPECT_EQ(model.loss(), "own_squared_error");
  EXPECT_THROW(model.to_bytes(), std::invalid_argument);
  Sequential other = model;
  other.set_layers({Dense(1, "sigmoid")});
  EXPECT_TRUE(other.is_compiled());
  model.compile({}, "mse");
  EXPECT_EQ(Sequential::from_bytes(model.to_bytes()).loss(), "mse");
}

TEST(Sequential, QuantilesRise) {
  const auto x = test::random_matrix<double>(300, 1, 1),
             noise = test::random_matrix<double>(300, 1, 2);
  Matrix<double> y(300, 1);
  for (std::size_t i = 0; i < 300; ++i) y(i, 0) = x(i, 0) + noise(i, 0);
  Sequential model({Dense(8, "relu", {1}), Dense(3)}, RandomSeed(0));
  EXPECT_THROW(model.compile({}, "quantile(0.5)"), std::invalid_argument);
  EXPECT_THROW(model.compile({}, "quantile(0.9, 0.5, 0.1)"), std::invalid_argument);
  model.compile({.learning_rate = 0.02}, "quantile(0.1, 0.5, 0.9)");
  model.fit(x, y, {.epochs = 60});
  const auto outputs = model.predict(x);
  double shares[3] = {};
  for (std::size_t i = 0; i < 300; ++i) {
    EXPECT_LT(outputs(i, 0), outputs(i, 1));
    EXPECT_LT(outputs(i, 1), outputs(i, 2));
    for (std::size_t k = 0; k < 3; ++k) shares[k] += y(i, 0) < outputs(i, k) ? 1.0 / 300 : 0.0;
  }
  EXPECT_NEAR(shares[0], 0.1, 0.05);
  EXPECT_NEAR(shares[1], 0.5, 0.08);
  EXPECT_NEAR(shares[2], 0.9, 0.05);
  EXPECT_EQ(Sequential::from_bytes(model.to_bytes()).predict(x), outputs);
}

/// A function of a user's may ask another network that has some, too.
TEST(Sequential, FunctionsOfOnesOwnMayPredict) {
  const auto x = test::random_matrix<double>(8, 3, 1);
  const Sequential teacher({Dense(40, "linear", {3}), Activation(own_tanh()), Dense(1)},
                           RandomSeed(1), false);
  CustomLayer taught{.name = "Taught"};
  taught.value = [&](auto from, auto, auto to) {
    const Matrix<double> one(1, 3, {from[0], from[1], from[2]});
    to[0] = teacher.predict(one)(0, 0) + from[0];
    to[1] = from[1];
    to[2] = from[2];
  };
  taught.derivative = [](auto, auto, auto, auto, auto) {};
  const Sequential model({Custom(taught, {3}), Dense(1)}, RandomSeed(0), false);
  const auto made = model.features(x, 0);
  const auto expected = teacher.predict(x);
  for (std::size_t i = 0; i < 8; ++i) {
    EXPECT_NEAR(made(i, 0), expected(i, 0) + x(i, 0), 1e-14);
    EXPECT_EQ(made(i, 2), x(i, 2));
  }
}

TEST(Sequential, LayersOfOnesOwnThatNoMemoryHoldsAreRefused) {
  CustomLayer layer{.name = "Large",
                    .value = [](auto, auto, auto) {},
                    .derivative = [](auto, auto, auto, auto, auto) {},
                    .n_weights = ~std::size_t{0} - 5};
  EXPECT_THROW(Sequential({Custom(layer, {4}), Dense(2)}), std::invalid_argument);
  layer.n_weights = 1;
  layer.initial = std::nan("");
  EXPECT_THROW(Custom{layer}, std::invalid_argument);
  layer.initial = 0.0;
  layer.bound = -1.0;
  EXPECT_THROW(Custom{layer}, std::invalid_argument);
}

/// Also of layers of many values, and beside what is not finite.
TEST(Sequential, FeaturesAreCopiedAndNotComputed) {
  CustomActivation inverse{.name = "inverse",
                           .value = [](double v) { return 1.0 / v; },
                           .derivative = [](double v) { return -1.0 / (v * v); }};
  const Sequential model({Activation(inverse, {3}), Dense(1)}, RandomSeed(0), false);
  const auto made = model.features(Matrix<double>(1, 3, {0.0, 2.0, 4.0}), 0);
  EXPECT_EQ(made.values(),
            (std::vector<double>{std::numeric_limits<double>::infinity(), 0.5, 0.25}));
  const Sequential large(
      {Conv2D(64, {3, 3}, "relu", {1, 1}, "same", {64, 64, 1}), Flatten(), Dense(1)},
      RandomSeed(0));
  EXPECT_EQ(large.features(test::random_matrix<float>(2, 4096, 1), 0).cols(), 64u * 4096);
}

TEST(Sequential, AnotherHeadAfterQuantiles) {
  Sequential model({Dense(4, "tanh", {2}), Dense(3)}, RandomSeed(0));
  model.compile({}, "quantile(0.1, 0.5, 0.9)");
  model.set_layers({model.layers()[0], Dense(1)});
  EXPECT_FALSE(model.is_compiled());
  model.compile({}, "mse");
}

TEST(Sequential, AnotherInputShapeBeginsAnew) {
  Sequential model({Dense(3), Dense(2)}, RandomSeed(0));
  model.set_layers({Dense(3, "relu", {4}), Dense(2)});
  ASSERT_TRUE(model.is_built());
  EXPECT_EQ(model.input_shape(), (Shape{4}));
  model.set_layers({Dense(3, "relu", {7}), Dense(2)});
  EXPECT_EQ(model.input_shape(), (Shape{7}));
  EXPECT_EQ(model.count_params(), 7u * 3 + 3 + 3 * 2 + 2);
  model.set_layers({model.layers()[0], Dense(5)});
  EXPECT_EQ(model.input_shape(), (Shape{7}));
  model.build({5});
  EXPECT_EQ(model.layers()[0].input_shape, (Shape{5}));
  const Sequential block({Residual({Dense(4, "linear", {4}), Dense(4)}), Dense(1)});
  EXPECT_EQ(block.input_shape(), (Shape{4}));
  EXPECT_THROW(Residual({Dense(4), Dense(4, "linear", {4})}), std::invalid_argument);
}

TEST(Sequential, ACallbackCannotBuildItAnew) {
  struct Builds : FitCallback {
    explicit Builds(Sequential& of) : model(of) {}
    void on_epoch(FitProgress&) override { model.build({9}); }
    Sequential& model;
  };
  const Images images;
  Sequential model = small();
  model.compile({}, "sparse_categorical_crossentropy");
  FitSettings settings;
  settings.control.callbacks = {std::make_shared<Builds>(model)};
  EXPECT_THROW(model.fit(images.x, std::span<const std::int32_t>(images.y), settings),
               std::runtime_error);
  EXPECT_EQ(model.input_shape(), (Shape{6, 6, 1}));
}

/// Whatever fits there were before.
TEST(Sequential, CheckpointsBeginAnew) {
  struct Keeps : FitCallback {
    void on_epoch(FitProgress& fit) override { bytes = fit.model_bytes(); }
    std::string bytes;
  };
  const Images images;
  const TargetView y = std::span<const std::int32_t>(images.y);
  Sequential model = small();
  model.compile({}, "sparse_categorical_crossentropy");
  model.fit(images.x, y, {.epochs = 3});
  const auto keeps = std::make_shared<Keeps>();
  FitSettings settings{.epochs = 2};
  settings.control.callbacks = {keeps};
  model.fit(images.x, y, settings);
  Sequential kept = Sequential::from_bytes(keeps->bytes);
  EXPECT_EQ(kept.weights(), model.weights());
  Sequential fresh = small();
  fresh.compile({}, "sparse_categorical_crossentropy");
  fresh.set_weights(model.weights());
  // Of all samples at once, so that their order does not matter.
  const FitSettings step{.batch_size = 90, .shuffle = false};
  kept.fit(images.x, y, step);
  fresh.fit(images.x, y, step);
  EXPECT_EQ(kept.weights(), fresh.weights());
  EXPECT_NE(model.with_weights(fresh.weights()).weights(), model.weights());
}

TEST(Sequential, RefusesWhatItCannotDo) {
  EXPECT_THROW(Sequential({}), std::invalid_argument);
  EXPECT_THROW(Sequential({Dense(3), Dense(2, "linear", {4})}), std::invalid_argument);
  Sequential model = small();
  EXPECT_THROW(model.compile({.name = "lbfgs"}, "sparse_categorical_crossentropy"),
               std::invalid_argument);
  EXPECT_THROW(model.compile({.momentum = 1.0}, "sparse_categorical_crossentropy"),
               std::invalid_argument);
  EXPECT_THROW(model.compile({}, "squared_error"), std::invalid_argument);
  EXPECT_THROW(model.compile({}, "quantile"), std::invalid_argument);
  const Images images;
  const TargetView y = std::span<const std::int32_t>(images.y);
  EXPECT_THROW(model.fit(images.x, y, {}), NotFittedError);
  model.compile({}, "sparse_categorical_crossentropy");
  EXPECT_THROW(model.fit(images.x, y, {.epochs = 0}), std::invalid_argument);
  EXPECT_THROW(model.fit(images.x, y, {.sample_weight = {1.0}}), std::invalid_argument);
  const Matrix<double> rows(90, 3);
  EXPECT_THROW(model.fit(images.x, MatrixView<const double>(rows.data(), 90, 3), {}),
               std::invalid_argument);
  const Sequential without_shape({Dense(2)});
  EXPECT_THROW(without_shape.summary(), NotFittedError);
}

}  // namespace
}  // namespace skarma::nn
