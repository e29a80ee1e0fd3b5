// What each augmentation does is in tests/python/test_augmentations.py, beside SciPy.
#include <skarma/core/augment/augment.hpp>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <skarma/core/engine/registry.hpp>
#include <skarma/tests/support/devices.hpp>
#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/one_model.hpp>
#include <skarma/tests/support/random_numbers.hpp>

namespace skarma {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
const ImageShape kShape{6, 5, 2};

std::vector<Augmentation> all_kinds() {
  return {RandomTranslation{{-0.2, 0.2}, {-0.1, 0.3}},
          RandomRotation{{-30.0, 30.0}, FillMode::wrap},
          RandomFlip{},
          RandomCrop{2},
          GaussianNoise{0.1},
          AugmentFunction([](const Minibatch& minibatch) {
            for (std::size_t i = 0; i < minibatch.x.rows(); ++i) {
              for (double& value : minibatch.x.row(i)) {
                value *= 1.0 + 0.1 * static_cast<double>(minibatch.epoch + minibatch.batch);
              }
            }
          })};
}

struct Trained {
  std::vector<double> parameters;
  double loss;
};

/// Two epochs of minibatches of 8 from chosen samples, on an engine.
Trained trained(Engine& engine, std::vector<Augmentation> augmentations) {
  const auto x = test::random_matrix<double>(50, kShape.size(), 1);
  const std::vector<Layer> layers{{.operation = Operation::conv2d, .units = 4, .window = {3, 3}},
                                  {.operation = Operation::flatten},
                                  {.operation = Operation::dense, .units = 3}};
  const NetworkSpec spec(kShape, layers, *find_loss("log_loss"));
  std::vector<RowIndex> rows;
  for (RowIndex i = 0; i < 30; ++i) rows.push_back(49 - i);
  const DataId data = engine.hold(SampleView(x).rows(rows));
  const auto start = test::random_numbers(spec.n_parameters(), 3);
  Targets<double> targets;
  targets.n_outputs = 3;
  for (std::size_t i = 0; i < 30; ++i) targets.codes.push_back(static_cast<std::int32_t>(i % 3));
  const UpdateRule rule{};
  OpenModel open{
      spec, 0.1,     8,
      data, targets, ModelState<double>{start, start_optimiser<double>(rule, spec.n_trained())},
      77};
  open.augmentations = std::move(augmentations);
  const ModelId model = test::open_one(engine, std::move(open));
  EpochLoss loss;
  for (std::uint64_t epoch = 0; epoch < 2; ++epoch) {
    const auto order = RandomState(5 + static_cast<std::uint32_t>(epoch)).permutation(30);
    test::train_one(engine, {model, order, 8, 0, 4, 0.01, epoch}, loss);
  }
  auto state = test::close_one(engine, model);
  engine.release(data);
  return {std::move(state.parameters), loss.loss_sum};
}

TEST(Augment, IsTheSameOnTheProcessorAndTheReference) {
  for (std::size_t kind = 0; kind <= all_kinds().size(); ++kind) {
    SCOPED_TRACE(kind);
    auto some = all_kinds();
    if (kind < some.size()) some = {some[kind]};
    const auto cpu = make_engine("cpu"), reference = make_engine("reference");
    const Trained here = trained(*cpu, some), there = trained(*reference, some);
    EXPECT_NEAR(here.loss, there.loss, 1e-9 * there.loss);
    for (std::size_t i = 0; i < here.parameters.size(); ++i) {
      EXPECT_NEAR(here.parameters[i], there.parameters[i], 1e-9);
    }
    EXPECT_GT(std::abs(here.loss - trained(*cpu, {}).loss), 1e-3);
  }
}

TEST(Augment, IsRefusedByDevicesFromLibraries) {
  const auto plugin = test::engine_of(test::kPlugin);
  const auto x = test::random_matrix<double>(20, 4, 1);
  const NetworkSpec spec({4, 3}, *find_activation("relu"), *find_loss("log_loss"));
  OpenModel open{spec, 0.1, 8, plugin->hold(x), {}, {}, 77};
  open.augmentations = {GaussianNoise{0.1}};
  const auto message =
      test::message_of<std::invalid_argument>([&] { test::open_one(*plugin, std::move(open)); });
  EXPECT_EQ(message, "Samples are augmented on this processor alone: fit with device='cpu'.");
}

TEST(Augment, DrawsForASampleAlone) {
  const auto augmentations = all_kinds();
  const std::span moved(augmentations.data(), 5);
  const auto x = test::random_matrix<double>(3, kShape.size(), 1);
  Matrix<double> together = x, alone(1, kShape.size());
  augment<double>(moved, kShape, {7, 3, 0}, std::vector<RowIndex>{4, 9, 2}, together.view());
  std::ranges::copy(x.row(1), alone.data());
  augment<double>(moved, kShape, {7, 3, 5}, std::vector<RowIndex>{9}, alone.view());
  EXPECT_TRUE(std::ranges::equal(alone.row(0), together.row(1)));
  for (const MinibatchNumber& other : {MinibatchNumber{8, 3, 0}, MinibatchNumber{7, 4, 0}}) {
    Matrix<double> changed(1, kShape.size());
    std::ranges::copy(x.row(1), changed.data());
    augment<double>(moved, kShape, other, std::vector<RowIndex>{9}, changed.view());
    EXPECT_FALSE(std::ranges::equal(alone.row(0), changed.row(0)));
  }
}

TEST(Augment, RefusesNumbersOutOfTheirRange) {
  const auto is_refused = [](const Augmentation& one, const char* part) {
    const auto message = test::message_of<std::invalid_argument>([&] { check_augmentation(one); });
    EXPECT_NE(message.find(part), std::string::npos) << message;
  };
  is_refused(RandomTranslation{{-1.5, 0.0}, {0.0, 0.0}}, "height_factor must be in the range");
  is_refused(RandomTranslation{{0.0, 0.0}, {0.2, 0.1}}, "width_factor must go from a lower");
  is_refused(RandomRotation{{0.0, kInfinity}}, "degrees must be in the range [-360, 360]");
  is_refused(RandomRotation{{0.0, 1.0}, FillMode::wrap, kInfinity}, "fill_value must be finite");
  is_refused(RandomFlip{false, false}, "RandomFlip needs a direction");
  is_refused(RandomCrop{0}, "padding must be in the range [1, 65536]");
  is_refused(GaussianNoise{-0.1}, "stddev must be in the range [0, inf)");
  is_refused(AugmentFunction{}, "An empty function cannot augment samples.");
  const std::vector<Augmentation> flip{RandomFlip{}}, noise{GaussianNoise{0.1}};
  EXPECT_THROW(check_augmentations(flip, {1, 1, 5}), std::invalid_argument);
  EXPECT_NO_THROW(check_augmentations(flip, {1, 5, 1}));
  EXPECT_NO_THROW(check_augmentations(noise, {1, 1, 5}));
}

}  // namespace
}  // namespace skarma
