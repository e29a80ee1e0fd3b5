// What holds for every device that computes where samples and models lie, also behind the interface
// to libraries of devices.
#include <skarma/core/engine/host_engine.hpp>

#include <algorithm>
#include <stdexcept>

#include <gtest/gtest.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/devices.hpp>
#include <skarma/tests/support/networks.hpp>
#include <skarma/tests/support/one_model.hpp>

namespace skarma {
namespace {

using test::same_bits;

constexpr std::size_t kHostSamples = 23;

class HostEngines : public ::testing::TestWithParam<std::string_view> {
 protected:
  template <class T = double>
  OpenModel model(DataId data, std::uint32_t seed = 3) const {
    return {spec_,
            0.1,
            5,
            data,
            y_,
            ModelState<T>{test::initial_parameters<T>(spec_, seed),
                          start_optimiser<T>({}, spec_.n_parameters())}};
  }
  void train_an_epoch(ModelId id) {
    EpochLoss loss;
    test::train_one(*engine_, {id, order_, 5, 0, 5, 0.01}, loss);
  }

  const NetworkSpec spec_ = test::network({4, 6, 3}, "tanh", "log_loss");
  const Matrix<double> x_ = test::random_matrix(kHostSamples, 4, 1);
  const Targets<double> y_ = test::random_targets(spec_, kHostSamples, 2);
  const std::vector<RowIndex> order_ = RandomState(7).permutation(kHostSamples);
  const std::unique_ptr<Engine> engine_ = test::engine_of(GetParam());
};

TEST_P(HostEngines, ServeModelsOfBothTypesOnTheSameData) {
  const DataId data = engine_->hold(x_);
  const auto models = engine_->open({model<double>(data), model<float>(data), model(data, 4)});
  std::vector<EpochRange> ranges;
  for (const ModelId id : models) ranges.push_back({id, order_, 5, 0, 5, 0.01});
  std::vector<EpochLoss> losses(3);
  engine_->train(ranges, losses);
  std::vector<AnyModelState> states(3);
  engine_->close(models, states);
  const auto wide = std::get<ModelState<double>>(states[0]).parameters;
  const auto narrow = std::get<ModelState<float>>(states[1]).parameters;
  EXPECT_TRUE(test::close(std::vector<double>(narrow.begin(), narrow.end()), wide, 1e-3));
  EXPECT_FALSE(same_bits(std::get<ModelState<double>>(states[2]).parameters, wide));

  const ModelId alone = test::open_one(*engine_, model(data));
  train_an_epoch(alone);
  EXPECT_TRUE(same_bits(test::close_one(*engine_, alone).parameters, wide));
}

TEST_P(HostEngines, NothingOfWhatWasClosedOrReleasedIsLeft) {
  const DataId data = engine_->hold(x_);
  const ModelId id = test::open_one(*engine_, model(data));
  engine_->close({&id, 1}, {});
  EXPECT_THROW(train_an_epoch(id), std::out_of_range);
  engine_->release(data);
  EXPECT_THROW(test::open_one(*engine_, model(data)), std::logic_error);
}

TEST_P(HostEngines, TargetsAndParametersThatDoNotFitAreABug) {
  const DataId few = engine_->hold(SampleView(x_).rows(std::span(order_).first(3)));
  EXPECT_THROW(engine_->open({model(few)}), std::logic_error);
  OpenModel other = model(engine_->hold(x_));
  std::get<ModelState<double>>(other.state).parameters.pop_back();
  EXPECT_THROW(engine_->open({other}), std::logic_error);
}

TEST_P(HostEngines, GoBackToTheParametersThatWereKept) {
  const DataId data = engine_->hold(x_);
  const ModelId id = test::open_one(*engine_, model(data));
  train_an_epoch(id);
  engine_->restore(id);  // to nothing
  const auto first = test::outputs_of(*engine_, id, x_);
  EXPECT_NE(first,
            engine_->predict({spec_,
                              std::span<const double>(
                                  std::get<ModelState<double>>(model(data).state).parameters),
                              x_}));
  engine_->keep(id);
  train_an_epoch(id);
  EXPECT_NE(test::outputs_of(*engine_, id, x_), first);
  engine_->restore(id);
  EXPECT_EQ(test::outputs_of(*engine_, id, x_), first);
}

TEST_P(HostEngines, GradientsOfManyModelsInOneCallAreThoseOfEach) {
  const DataId data = engine_->hold(x_);
  const auto models = engine_->open({model<double>(data), model<float>(data)});
  const auto w = test::random_numbers(spec_.n_parameters(), 5);
  std::vector<double> a(w.size()), b(w.size()), alone(w.size());
  const GradientJob jobs[] = {{models[0], w, a}, {models[1], w, b}};
  double losses[2];
  engine_->gradients(jobs, losses);
  EXPECT_EQ(test::loss_and_gradient(*engine_, models[0], w, alone), losses[0]);
  EXPECT_TRUE(same_bits(alone, a));
  EXPECT_EQ(test::loss_and_gradient(*engine_, models[1], w, alone), losses[1]);
  EXPECT_TRUE(same_bits(alone, b));
}

TEST_P(HostEngines, AStopRequestIsForOneEvaluation) {
  const DataId data = engine_->hold(x_);
  const auto models = engine_->open({model(data), model(data)});
  std::stop_source source;
  source.request_stop();
  const EvaluationJob jobs[] = {{models[0], data, source.get_token()}, {models[1], data}};
  std::optional<Matrix<double>> outputs[2];
  engine_->evaluate(jobs, outputs);
  EXPECT_FALSE(outputs[0]);
  EXPECT_EQ(outputs[1]->rows(), kHostSamples);
  const auto w = test::initial_parameters(spec_, 3);
  EXPECT_THROW(engine_->predict({spec_, std::span<const double>(w), x_, source.get_token()}),
               Cancelled);
}

std::string device_name(const ::testing::TestParamInfo<std::string_view>& tested) {
  std::string name(tested.param);
  std::ranges::replace(name, '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Devices, HostEngines, ::testing::ValuesIn(test::devices()), device_name);

}  // namespace
}  // namespace skarma
