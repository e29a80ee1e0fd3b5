// An engine behind the interface to libraries of devices: the same bits as without, and the same
// exceptions. tests/conformance and host_engine_test.cpp hold it to what all devices are held to.
#include <skarma/core/engine/plugin_engine.hpp>

#include <cmath>
#include <cstdlib>
#include <cstring>

#include <gtest/gtest.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/core/net/not_finite_sample.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/devices.hpp>
#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/networks.hpp>
#include <skarma/tests/support/one_model.hpp>
#include <skarma/tests/support/sparse_matrix.hpp>

namespace skarma {
namespace {

constexpr std::size_t kRowsHere = 90, kFeatures = 6;

/// A model that is trained on samples and evaluated on others.
struct Work {
  NetworkSpec spec = test::network({kFeatures, 7, 5, 3}, "tanh", "log_loss");
  UpdateRule rule{};
  bool weighted = false;
};

/// Everything that an engine gives for it, as numbers.
template <class T>
std::vector<double> results_of(Engine& engine, const Work& work, const SampleView& samples) {
  const auto y = test::random_targets(work.spec, samples.n_samples(), 2, work.weighted);
  const auto start = test::initial_parameters<T>(work.spec, 3);
  const DataId data = engine.hold(samples);
  const ModelId model = test::open_one(
      engine, {work.spec, 0.2, 16, data, y,
               ModelState<T>{start, start_optimiser<T>(work.rule, work.spec.n_trained())}, 77});
  std::vector<double> all;
  if (!work.spec.differs_in_training()) {
    const std::vector<double> w(start.begin(), start.end());
    std::vector<double> gradient(w.size());
    all.push_back(test::loss_and_gradient(engine, model, w, gradient));
    all.insert(all.end(), gradient.begin(), gradient.end());
  }
  EpochLoss loss{0.125};
  const auto order = RandomState(5).permutation(samples.n_samples());
  const std::size_t n_batches = (order.size() + 15) / 16;
  test::train_one(engine, {model, order, 16, 0, 1, 0.01}, loss);
  engine.keep(model);
  test::train_one(engine, {model, order, 16, 1, n_batches, 0.01}, loss);
  all.push_back(loss.loss_sum);
  const auto outputs = test::outputs_of(engine, model, samples);
  all.insert(all.end(), outputs.values().begin(), outputs.values().end());
  engine.restore(model);
  const ModelState<T> end = test::close_one<T>(engine, model);
  engine.release(data);
  all.insert(all.end(), end.parameters.begin(), end.parameters.end());
  all.insert(all.end(), end.optimiser.moments.begin(), end.optimiser.moments.end());
  all.push_back(static_cast<double>(end.optimiser.n_steps));
  EXPECT_EQ(end.optimiser.rule, work.rule);
  const auto predicted =
      engine.predict({work.spec, std::span<const T>(end.parameters), samples}).values();
  all.insert(all.end(), predicted.begin(), predicted.end());
  return all;
}

template <class T>
void expect_same_results(const Work& work, const SampleView& samples) {
  const auto cpu = make_engine("cpu");
  const auto plugin = test::engine_of(test::kPlugin);
  EXPECT_TRUE(
      test::same_bits(results_of<T>(*plugin, work, samples), results_of<T>(*cpu, work, samples)));
}

void expect_same_results(const SampleView& samples) {
  expect_same_results<double>({}, samples);
  expect_same_results<float>({}, samples);
}

std::shared_ptr<const ColumnTransform> transform(ColumnTransform::Kind kind, bool clips) {
  ColumnTransform made{.kind = kind,
                       .offset = test::random_numbers(kFeatures, 8),
                       .scale = test::random_numbers(kFeatures, 9, 0.5, 1.5),
                       .clip = {}};
  if (clips) made.clip = {-0.4, 0.6};
  return std::make_shared<const ColumnTransform>(std::move(made));
}

/// All ways to choose rows and to transform columns.
void expect_same_results_of_views(const SampleView& x) {
  using Kind = ColumnTransform::Kind;
  const std::vector<RowIndex> some = RandomState(4).permutation(kRowsHere);
  const auto half = std::span(some).first(40);
  const std::vector<RowIndex> again = {7, 7, 0, 39, 12, 3, 5, 21, 1, 2, 30, 11, 13, 17, 19, 23, 29};
  for (const SampleView& view : {x, x.rows(half), x.rows(half).rows(again)}) {
    expect_same_results(view);
    const auto scaled = view.transformed(transform(Kind::standardise, false));
    expect_same_results(scaled);
    expect_same_results(scaled.transformed(transform(Kind::rescale, true)));
  }
}

TEST(PluginEngine, TrainsOnDenseSamples) {
  const auto wide = test::random_matrix<double>(kRowsHere, kFeatures + 3, 1);
  const auto narrow = test::random_matrix<float>(kRowsHere, kFeatures, 1);
  expect_same_results_of_views(
      MatrixView<const double>(wide.data(), kRowsHere, kFeatures, kFeatures + 3));
  expect_same_results_of_views(narrow);
}

TEST(PluginEngine, TrainsOnSparseSamples) {
  const auto wide = test::sparse_matrix<double>(kRowsHere, kFeatures, 0.3, 1);
  const auto narrow = test::sparse_matrix<float>(kRowsHere, kFeatures, 0.3, 1);
  expect_same_results_of_views(wide.view());
  expect_same_results_of_views(narrow.view());
}

TEST(PluginEngine, HeedsRulesWeightsLayersAndFactors) {
  const auto x = test::random_matrix<double>(kRowsHere, kFeatures, 1);
  for (const std::string_view rule : update_rule_names()) {
    for (const bool weighted : {false, true}) {
      for (const HiddenLayerOptions& options :
           {HiddenLayerOptions{},
            {0.25, false, false},
            {0.0, true, false},
            {0.5, true, true},
            {.dropout = std::vector{0.1, 0.2, 0.3}, .layer_norm = true, .noise = 0.1}}) {
        Work work;
        work.spec = NetworkSpec({kFeatures, 5, 5, 3}, *find_activation("silu"),
                                *find_loss("log_loss"), options);
        work.spec.set_factors("coefs", 0.5, 3.0);
        work.spec.set_factors("intercepts", 2.0, 1.0);
        work.rule = {std::string(rule), 0.7, false, 0.8, 0.95, 1e-6, 0.05};
        work.weighted = weighted;
        SCOPED_TRACE(testing::Message() << rule << weighted << options.batch_norm
                                        << options.layer_norm << options.residual);
        expect_same_results<double>(work, x);
        expect_same_results<float>(work, x);
      }
    }
  }
}

TEST(PluginEngine, TrainsAGroupAsEachModelAlone) {
  const auto x = test::random_matrix<double>(kRowsHere, kFeatures, 1);
  const Work work;
  const auto engine = test::engine_of(test::kPlugin);
  const auto y = test::random_targets(work.spec, kRowsHere, 2);
  const DataId data = engine->hold(x);
  const auto model = [&](std::uint32_t seed) {
    return OpenModel{work.spec,
                     0.1,
                     10,
                     data,
                     y,
                     ModelState<double>{test::initial_parameters(work.spec, seed),
                                        start_optimiser<double>({}, work.spec.n_trained())}};
  };
  const auto order = RandomState(5).permutation(kRowsHere);
  const auto trained = [&](std::vector<OpenModel> group) {
    const auto ids = engine->open(std::move(group));
    std::vector<EpochRange> ranges;
    for (const ModelId id : ids) ranges.push_back({id, order, 10, 0, 9, 0.01});
    std::vector<EpochLoss> losses(ids.size());
    engine->train(ranges, losses);
    std::vector<AnyModelState> states(ids.size());
    engine->close(ids, states);
    return states;
  };
  const auto together = trained({model(1), model(2), model(3)});
  for (std::uint32_t i = 0; i < 3; ++i) {
    const auto alone = trained({model(i + 1)});
    EXPECT_TRUE(test::same_bits(std::get<ModelState<double>>(together[i]).parameters,
                                std::get<ModelState<double>>(alone[0]).parameters));
  }
}

TEST(PluginEngine, SaysOfHowManyModelsTheDeviceIsGlad) {
  const auto engine = test::engine_of(test::kPlugin);
  EXPECT_EQ(engine->capabilities().most_models, 1u);
  setenv("SKARMA_TEST_MOST_MODELS", "7", 1);
  EXPECT_EQ(engine->capabilities().most_models, 7u);
  unsetenv("SKARMA_TEST_MOST_MODELS");
}

TEST(PluginEngine, ThrowsWhatOtherEnginesThrow) {
  Matrix<double> x = test::random_matrix<double>(kRowsHere, kFeatures, 1);
  const Work work;
  const auto engine = test::engine_of(test::kPlugin);
  const auto w = test::initial_parameters(work.spec, 3);
  x(3, 4) = std::nan("");
  EXPECT_THROW(engine->predict({work.spec, std::span<const double>(w), x}), NotFiniteSample);
  EXPECT_THROW(engine->keep(ModelId{99}), std::out_of_range);
  EXPECT_THROW(engine->predict({work.spec, std::span<const double>(w).first(3), x}),
               std::logic_error);
  EXPECT_THROW_WITH(make_plugin_engine(7), DeviceError, "There is no device 7.");
}

TEST(PluginEngine, SaysThatWeightsSumToZero) {
  const auto x = test::random_matrix<double>(kRowsHere, kFeatures, 1);
  const Work work;
  const auto engine = test::engine_of(test::kPlugin);
  auto y = test::random_targets(work.spec, kRowsHere, 2);
  y.weights.assign(kRowsHere, 0.0);
  const auto start = test::initial_parameters(work.spec, 3);
  const ModelId model = test::open_one(
      *engine, {work.spec, 0.1, kRowsHere, engine->hold(x), y,
                ModelState<double>{start, start_optimiser<double>({}, work.spec.n_trained())}});
  const auto order = RandomState(5).permutation(kRowsHere);
  EpochLoss loss;
  EXPECT_THROW_WITH(test::train_one(*engine, {model, order, kRowsHere, 0, 1, 0.01}, loss),
                    std::domain_error, "Weights sum to zero, can't be normalized");
}

TEST(PluginEngine, StopsOnRequest) {
  const auto x = test::random_matrix<double>(kRowsHere, kFeatures, 1);
  const Work work;
  const auto engine = test::engine_of(test::kPlugin);
  const auto w = test::initial_parameters(work.spec, 3);
  std::stop_source source;
  const PredictionJob job{work.spec, std::span<const double>(w), x, source.get_token()};
  EXPECT_NO_THROW(engine->predict(job));
  source.request_stop();
  EXPECT_THROW(engine->predict(job), Cancelled);
}

/// A device all of whose calls fail.
std::int32_t failure = SKARMA_OK;
std::uint64_t n_destroyed = 0;

std::int32_t fail(skarma_message* message) {
  std::strncpy(message->text, "it burns", message->capacity);
  return failure;
}

skarma_device_api failing_api() {
  skarma_device_api api{};
  api.create = [](std::int32_t, skarma_engine**, skarma_message*) { return 0 + SKARMA_OK; };
  api.destroy = [](skarma_engine*) { ++n_destroyed; };
  api.hold = [](skarma_engine*, const skarma_samples*, std::uint64_t* data, skarma_message*) {
    *data = 4;
    return 0 + SKARMA_OK;
  };
  api.release = [](skarma_engine*, std::uint64_t) {};
  api.open = [](skarma_engine*, const skarma_open_model*, std::uint64_t, std::uint64_t* ids,
                skarma_message*) {
    *ids = 5;
    return 0 + SKARMA_OK;
  };
  api.close = [](skarma_engine*, const std::uint64_t*, std::uint64_t, skarma_end*,
                 skarma_message*) { return failure; };
  api.keep = [](skarma_engine*, std::uint64_t, skarma_message* message) { return fail(message); };
  return api;
}

template <class E>
void expect_failure_as(std::int32_t code) {
  const skarma_device_api api = failing_api();
  const auto engine = make_plugin_engine(api, 0);
  failure = code;
  EXPECT_THROW_WITH(engine->keep(ModelId{1}), E, "it burns");
}

TEST(PluginEngine, MakesAnExceptionOfEachCode) {
  expect_failure_as<Cancelled>(SKARMA_CANCELLED);
  expect_failure_as<OutOfMemory>(SKARMA_NO_MEMORY);
  expect_failure_as<std::bad_alloc>(SKARMA_NO_MEMORY);
  expect_failure_as<std::logic_error>(SKARMA_LOGIC_ERROR);
  expect_failure_as<std::out_of_range>(SKARMA_OUT_OF_RANGE);
  expect_failure_as<std::invalid_argument>(SKARMA_INVALID_ARGUMENT);
  expect_failure_as<std::domain_error>(SKARMA_DOMAIN_ERROR);
  expect_failure_as<DeviceError>(SKARMA_DEVICE_ERROR);
  expect_failure_as<DeviceError>(1234);
}

TEST(PluginEngine, LosesTheNumbersOfAModelThatTheDeviceLoses) {
  const Work work;
  const skarma_device_api api = failing_api();
  const std::uint64_t before = n_destroyed;
  {
    const auto engine = make_plugin_engine(api, 0);
    const auto x = test::random_matrix<double>(kRowsHere, kFeatures, 1);
    const ModelId model = test::open_one(
        *engine,
        {work.spec, 0.1, 10, engine->hold(x), test::random_targets(work.spec, kRowsHere, 2),
         ModelState<float>{test::initial_parameters<float>(work.spec, 1),
                           start_optimiser<float>({}, work.spec.n_trained())}});
    failure = SKARMA_DEVICE_ERROR;
    const auto end = test::close_one<float>(*engine, model);
    EXPECT_EQ(end.parameters.size(), work.spec.n_parameters());
    for (const float w : end.parameters) EXPECT_TRUE(std::isnan(w));
  }
  EXPECT_EQ(n_destroyed, before + 1);
}

}  // namespace
}  // namespace skarma
