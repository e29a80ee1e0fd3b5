// Both sides of the interface in one process, around an engine that does as it is told.
#include <skarma/gpu/serve_engine.hpp>

#include <functional>
#include <latch>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/core/engine/plugin_devices.hpp>
#include <skarma/core/engine/plugin_engine.hpp>
#include <skarma/core/net/not_finite_sample.hpp>
#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/networks.hpp>
#include <skarma/tests/support/one_model.hpp>

namespace skarma::gpu {
namespace {

/// What the next calls of the engine do, and what became of it.
struct Script {
  std::function<void(const std::stop_token&)> act = [](const std::stop_token&) {};
  std::vector<ModelId> closed{};
  std::vector<DataId> released{};
  std::vector<ScoreJob> scored{};  // whose targets are gone
  Capabilities capabilities{};
  int n_alive = 0;
};
Script script;

class ScriptedEngine final : public Engine {
 public:
  ScriptedEngine() { ++script.n_alive; }
  ~ScriptedEngine() override { --script.n_alive; }

  Capabilities capabilities() const override {
    script.act({});
    return script.capabilities;
  }
  DataId hold(const SampleView&) override {
    script.act({});
    return DataId{11};
  }
  void release(DataId data) noexcept override { script.released.push_back(data); }
  std::vector<ModelId> open(std::vector<OpenModel> models) override {
    script.act({});
    std::vector<ModelId> ids;
    for (OpenModel& model : models) {
      states_.push_back(std::move(model.state));
      ids.push_back(ModelId{100 + states_.size()});
    }
    return ids;
  }
  void close(std::span<const ModelId> models, std::span<AnyModelState> states) noexcept override {
    script.closed.assign(models.begin(), models.end());
    for (std::size_t i = 0; i < states.size(); ++i) states[i] = states_[i];
  }
  void train(std::span<const EpochRange>, std::span<EpochLoss>) override { script.act({}); }
  void evaluate(std::span<const EvaluationJob> jobs,
                std::span<std::optional<Matrix<double>>> outputs) override {
    script.act(jobs.back().stop);
    if (!jobs.back().stop.stop_requested()) outputs.back() = Matrix<double>(2, 3);
  }
  void score(std::span<const ScoreJob> jobs,
             std::span<std::optional<std::vector<double>>> sums) override {
    script.scored.assign(jobs.begin(), jobs.end());
    script.act(jobs.back().stop);
    if (!jobs.back().stop.stop_requested()) sums.back() = {0.5, 0.25, 0.125};
  }
  void gradients(std::span<const GradientJob> jobs, std::span<double>) override {
    script.act(jobs.back().stop);
  }
  void keep(ModelId) override { script.act({}); }
  void restore(ModelId) override { script.act({}); }
  AnyModelState read_state(ModelId) override {
    script.act({});
    return states_.back();
  }
  void write_state(ModelId, const AnyModelState& state) override {
    script.act({});
    states_.back() = state;
  }
  Matrix<double> predict(const PredictionJob& job) override {
    script.act(job.stop);
    return {job.samples.n_samples(), job.spec.n_outputs()};
  }

 private:
  std::vector<AnyModelState> states_;
};

std::unique_ptr<Engine> make_scripted(std::int32_t device) {
  if (device == 13) throw DeviceError("There is no device 13.");
  return std::make_unique<ScriptedEngine>();
}

std::int32_t count_two() {
  script.act({});
  return 2;
}

DeviceDescription describe_scripted(std::int32_t device) {
  script.act({});
  return {.name = std::string(500, 'n'),
          .compute_capability = "8.6",
          .driver_version = "12.4",
          .runtime_version = "12.2",
          .memory_total = (std::uint64_t{1} << 40) + static_cast<std::uint64_t>(device),
          .memory_free = 7,
          .n_multiprocessors = 46};
}

const skarma_device_api& scripted_api() {
  return *served_engines<make_scripted, count_two, describe_scripted>();
}

class ServedEngine : public ::testing::Test {
 protected:
  ServedEngine() { script = {.n_alive = script.n_alive}; }

  OpenModel model(DataId data) const {
    return {spec_,
            0.1,
            2,
            data,
            test::random_targets(spec_, 2, 1),
            ModelState<double>{test::initial_parameters(spec_, 1),
                               start_optimiser<double>({}, spec_.n_trained())}};
  }
  Matrix<double> predict(const std::stop_token& stop = {}) {
    const auto w = test::initial_parameters(spec_, 1);
    return engine_->predict({spec_, std::span<const double>(w), x_, stop});
  }

  const NetworkSpec spec_ = test::network({4, 5, 3}, "relu", "log_loss");
  const Matrix<double> x_ = test::random_matrix(2, 4, 1);
  const std::unique_ptr<Engine> engine_ = make_plugin_engine(scripted_api(), 0);
};

/// Every call of the engine that may throw.
template <class E>
void expect_from_every_call(Engine& engine, const NetworkSpec& spec, const Matrix<double>& x,
                            const OpenModel& model, ModelId open, const E& thrown) {
  const std::vector<double> w = test::initial_parameters(spec, 1);
  const std::vector<RowIndex> order = {0, 1};
  std::vector<double> gradient(w.size());
  EpochLoss loss;
  const EvaluationJob evaluation{open, model.data};
  std::optional<Matrix<double>> outputs;
  const ScoreJob score{open, model.data, &model.targets, kRightRows};
  std::optional<std::vector<double>> sums;
  script.act = [&](const std::stop_token&) { throw thrown; };
  EXPECT_THROW(static_cast<void>(engine.capabilities()), E);
  EXPECT_THROW(engine.hold(x), E);
  EXPECT_THROW(engine.open({model}), E);
  EXPECT_THROW(test::train_one(engine, {open, order, 2, 0, 1, 0.1}, loss), E);
  EXPECT_THROW(engine.evaluate({&evaluation, 1}, {&outputs, 1}), E);
  EXPECT_THROW(test::loss_and_gradient(engine, open, w, gradient), E);
  EXPECT_THROW(engine.score({&score, 1}, {&sums, 1}), E);
  EXPECT_THROW(engine.keep(open), E);
  EXPECT_THROW(engine.restore(open), E);
  EXPECT_THROW(engine.predict({spec, std::span<const double>(w), x}), E);
}

TEST_F(ServedEngine, ThrowsWhatTheEngineThrows) {
  const DataId data = engine_->hold(x_);
  const ModelId open = test::open_one(*engine_, model(data));
  const auto expect = [&](const auto& thrown) {
    expect_from_every_call(*engine_, spec_, x_, model(data), open, thrown);
  };
  expect(Cancelled("stopped"));
  expect(NotFiniteSample());
  expect(OutOfMemory("no memory"));
  expect(std::bad_alloc());
  expect(std::out_of_range("gone"));
  expect(std::invalid_argument("wrong"));
  expect(std::domain_error("zero"));
  expect(std::logic_error("bug"));
  expect(DeviceError("broken"));
}

TEST_F(ServedEngine, MakesDeviceErrorsOfAllElse) {
  script.act = [](const std::stop_token&) { throw std::runtime_error("The driver is gone."); };
  EXPECT_THROW_WITH(predict(), DeviceError, "The driver is gone.");
  script.act = [](const std::stop_token&) { throw 3; };
  EXPECT_THROW_WITH(predict(), DeviceError, "for a reason that it does not give");
}

TEST_F(ServedEngine, SaysWhatTheEngineCan) {
  script.capabilities = {.most_models = 1000, .free_memory = 12'000'000'000};
  const Capabilities said = engine_->capabilities();
  EXPECT_EQ(said.most_models, 1000u);
  EXPECT_EQ(said.free_memory, 12'000'000'000u);
  script.capabilities.most_models = 0;
  EXPECT_THROW_WITH(static_cast<void>(engine_->capabilities()), DeviceError, "trains no models");
}

TEST_F(ServedEngine, CutsTextsThatAreTooLong) {
  script.act = [](const std::stop_token&) { throw DeviceError(std::string(5000, 'x')); };
  EXPECT_EQ(test::message_of<DeviceError>([&] { predict(); }), std::string(1023, 'x'));
}

TEST_F(ServedEngine, IsNotMadeWhereThereIsNoDevice) {
  const auto& api = scripted_api();
  EXPECT_THROW_WITH(make_plugin_engine(api, 13), DeviceError, "There is no device 13.");
  const int before = script.n_alive;
  EXPECT_NO_THROW(make_plugin_engine(api, 1));
  EXPECT_EQ(script.n_alive, before);
}

TEST_F(ServedEngine, ClosesAndReleasesWhatIsThere) {
  const DataId data = engine_->hold(x_);
  EXPECT_EQ(data, DataId{11});
  const auto models = engine_->open({model(data), model(data)});
  EXPECT_EQ(models, (std::vector{ModelId{101}, ModelId{102}}));
  const ModelId with_a_stranger[] = {models[1], ModelId{7}, models[0], models[1]};
  engine_->close(with_a_stranger, {});
  EXPECT_EQ(script.closed, (std::vector{models[1], models[0]}));
  engine_->release(DataId{12});
  engine_->release(data);
  engine_->release(data);
  EXPECT_EQ(script.released, std::vector{data});
}

TEST_F(ServedEngine, KeepsTheNumbersOfAModelThatIsClosed) {
  const DataId data = engine_->hold(x_);
  OpenModel given = model(data);
  auto& state = std::get<ModelState<double>>(given.state);
  state.optimiser.n_steps = 41;
  state.optimiser.moments.front() = 0.5;
  const ModelState<double> expected = state;
  const auto end = test::close_one(*engine_, test::open_one(*engine_, given));
  EXPECT_EQ(end.parameters, expected.parameters);
  EXPECT_EQ(end.optimiser.moments, expected.optimiser.moments);
  EXPECT_EQ(end.optimiser.n_steps, 41);
  EXPECT_EQ(end.optimiser.rule, expected.optimiser.rule);
}

TEST_F(ServedEngine, HearsThatItIsAskedToStop) {
  std::stop_source source;
  bool heard = true;
  script.act = [&](const std::stop_token& stop) { heard = stop.stop_requested(); };
  predict();
  EXPECT_FALSE(heard);
  predict(source.get_token());
  EXPECT_FALSE(heard);
  source.request_stop();
  predict(source.get_token());
  EXPECT_TRUE(heard);
}

TEST_F(ServedEngine, LeavesOutputsOfAStoppedEvaluationOut) {
  const DataId data = engine_->hold(x_);
  std::stop_source source;
  const EvaluationJob job{test::open_one(*engine_, model(data)), data, source.get_token()};
  std::optional<Matrix<double>> outputs;
  engine_->evaluate({&job, 1}, {&outputs, 1});
  EXPECT_EQ(outputs, Matrix<double>(2, 3));
  source.request_stop();
  engine_->evaluate({&job, 1}, {&outputs, 1});
  EXPECT_FALSE(outputs);
}

TEST_F(ServedEngine, ScoresWhatTheEngineScores) {
  const NetworkSpec numbers = test::network({4, 3}, "relu", "squared_error");
  const DataId data = engine_->hold(x_);
  OpenModel opened = model(data);
  opened.spec = numbers;
  const ModelId open = test::open_one(*engine_, std::move(opened));
  const Targets<double> all{{}, {1, 2, 3, 4, 5, 6}, {7, 8}, 3}, other = all;
  std::vector<ScoreJob> jobs;
  for (const auto* targets : {&all, &other, &all}) {
    jobs.push_back({open, data, targets, kAbsoluteErrors});
  }
  std::optional<std::vector<double>> sums[3];
  script.act = [&](const std::stop_token&) {
    const Targets<double>& read = *script.scored.back().targets;
    EXPECT_EQ(read.values, all.values);
    EXPECT_EQ(read.weights, all.weights);
    EXPECT_EQ(read.n_outputs, 3u);
  };
  engine_->score(jobs, sums);
  EXPECT_FALSE(sums[0]);
  EXPECT_EQ(sums[2], (std::vector{0.5, 0.25, 0.125}));
  EXPECT_EQ(script.scored[0].targets, script.scored[2].targets);  // read once
  EXPECT_NE(script.scored[0].targets, script.scored[1].targets);
  for (const ScoreJob& job : script.scored) {
    EXPECT_EQ(job.model, open);
    EXPECT_EQ(job.data, data);
    EXPECT_EQ(job.kind, kAbsoluteErrors);
  }
  std::stop_source source;
  source.request_stop();
  jobs.back().stop = source.get_token();
  engine_->score(jobs, sums);
  EXPECT_FALSE(sums[2]);
}

/// The request comes from another thread, while the engine works.
class ServedEngineThreads : public ServedEngine {
 protected:
  template <class Call>
  void expect_heard(const Call& call) {
    std::stop_source source;
    std::latch working(1);
    bool heard = false;
    script.act = [&](const std::stop_token& stop) {
      working.count_down();
      while (!stop.stop_requested()) std::this_thread::yield();
      heard = true;
    };
    const std::jthread asking([&] {
      working.wait();
      source.request_stop();
    });
    call(source.get_token());
    EXPECT_TRUE(heard);
  }
};

TEST_F(ServedEngineThreads, HearRequestsOfOthers) {
  const DataId data = engine_->hold(x_);
  const ModelId open = test::open_one(*engine_, model(data));
  const auto w = test::initial_parameters(spec_, 1);
  std::vector<double> gradient(w.size());
  expect_heard([&](const std::stop_token& stop) { predict(stop); });
  expect_heard([&](const std::stop_token& stop) {
    const EvaluationJob job{open, data, stop};
    std::optional<Matrix<double>> outputs;
    engine_->evaluate({&job, 1}, {&outputs, 1});
  });
  expect_heard([&](const std::stop_token& stop) {
    const GradientJob job{open, w, gradient, stop};
    double loss = 0.0;
    engine_->gradients({&job, 1}, {&loss, 1});
  });
  const Targets<double> targets = test::random_targets(spec_, 2, 1);
  expect_heard([&](const std::stop_token& stop) {
    const ScoreJob job{open, data, &targets, kRightRows, stop};
    std::optional<std::vector<double>> sums;
    engine_->score({&job, 1}, {&sums, 1});
  });
}

TEST_F(ServedEngine, SaysWhichDevicesThereAre) {
  EXPECT_EQ(skarma::count_devices(scripted_api()), 2);
  const auto all = describe_devices(scripted_api());
  ASSERT_EQ(all.size(), 2);
  const DeviceDescription& last = all.back();
  EXPECT_EQ(last.name, std::string(127, 'n'));
  EXPECT_EQ(last.compute_capability, "8.6");
  EXPECT_EQ(last.driver_version, "12.4");
  EXPECT_EQ(last.runtime_version, "12.2");
  EXPECT_EQ(last.memory_total, (std::uint64_t{1} << 40) + 1);
  EXPECT_EQ(last.memory_free, 7);
  EXPECT_EQ(last.n_multiprocessors, 46);
}

TEST_F(ServedEngine, SaysWhyThereAreNoDevices) {
  script.act = [](const std::stop_token&) { throw DeviceError("There is no driver."); };
  EXPECT_THROW_WITH(skarma::count_devices(scripted_api()), DeviceError, "There is no driver.");
  EXPECT_THROW_WITH(skarma::describe_device(scripted_api(), 0), DeviceError, "There is no driver.");
}

}  // namespace
}  // namespace skarma::gpu
