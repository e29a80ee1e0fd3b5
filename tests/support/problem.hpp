#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/devices.hpp>
#include <skarma/tests/support/networks.hpp>
#include <skarma/tests/support/one_model.hpp>

namespace skarma::test {

inline constexpr std::uint64_t kSeedOfDropout = 0x0123456789abcdef;

/// A network, samples and targets that its loss can learn.
template <class T>
struct Problem {
  NetworkSpec spec;
  Matrix<T> x;
  Targets<double> y;
  double alpha = 0.3;
  Restraints restraints{};
  bool has_zeros = true;  // among its first weights, where there is l1

  Problem(std::vector<std::size_t> units, std::string_view activation, std::string_view loss,
          std::size_t rows, bool weighted = false)
      : Problem(test::network(std::move(units), activation, loss), rows, weighted) {}

  Problem(NetworkSpec network, std::size_t rows, bool weighted)
      : spec(std::move(network)),
        x(test::random_matrix<T>(rows, spec.n_inputs(), 1)),
        y(test::random_targets(spec, rows, 2, weighted)) {}

  /// Where there is l1, a third of the weights is 0, and another one a step or two from there.
  std::vector<T> start() const {
    auto w = test::initial_parameters<T>(spec, 3);
    if (restraints.l1 == 0.0 || !has_zeros) return w;
    for (std::size_t i = 0; i < spec.n_coefs(); i += 3) {
      w[i] = T(0);
      if (i + 1 < spec.n_coefs()) w[i + 1] *= T(2e-3);
    }
    return w;
  }
  ModelId open(Engine& engine, std::string_view rule, std::size_t batch) const {
    UpdateRule update;
    update.name = rule;
    return test::open_one(engine,
                          {spec, alpha, batch, engine.hold(x), y,
                           ModelState<T>{start(), start_optimiser<T>(update, spec.n_trained())},
                           kSeedOfDropout, false, restraints});
  }
};

/// What a device makes of a problem.
struct Made {
  double loss = 0.0;             // of all samples, for networks that are the same in training
  std::vector<double> gradient;  // of it
  EpochLoss epochs;              // of two epochs of minibatches
  std::vector<double> parameters;
  std::vector<double> outputs;
  std::vector<double> predicted;  // the outputs once more, of the closed model
};

template <class T>
std::vector<double> in_double(const std::vector<T>& values) {
  return {values.begin(), values.end()};
}

template <class T>
Made made_on(std::string_view device, const Problem<T>& problem, std::string_view rule) {
  constexpr std::size_t kBatch = 32;
  const auto engine = test::engine_of(device);
  const std::size_t rows = problem.x.rows();
  const ModelId model = problem.open(*engine, rule, std::min(kBatch, rows));
  Made made;
  if (!problem.spec.differs_in_training()) {
    const auto w = in_double(problem.start());
    made.gradient.resize(w.size());
    made.loss = test::loss_and_gradient(*engine, model, w, made.gradient);
  }
  for (const std::uint32_t epoch : {0u, 1u}) {
    const auto order = RandomState(epoch).permutation(rows);
    test::train_one(*engine, {model, order, kBatch, 0, (rows + kBatch - 1) / kBatch, 1e-3},
                    made.epochs);
  }
  made.outputs = test::outputs_of(*engine, model, problem.x).values();
  const std::vector<T> trained = test::close_one<T>(*engine, model).parameters;
  made.parameters = in_double(trained);
  made.predicted = engine->predict({problem.spec, std::span<const T>(trained), problem.x}).values();
  return made;
}

/// But for the predictions of the closed model.
inline void expect_close(const Made& made, const Made& expected, double tolerance) {
  EXPECT_NEAR(made.loss, expected.loss, tolerance * std::abs(expected.loss));
  EXPECT_NEAR(made.epochs.loss_sum, expected.epochs.loss_sum,
              tolerance * std::abs(expected.epochs.loss_sum));
  EXPECT_TRUE(close(made.gradient, expected.gradient, tolerance));
  EXPECT_TRUE(close(made.parameters, expected.parameters, tolerance));
  EXPECT_TRUE(close(made.outputs, expected.outputs, tolerance));
}

}  // namespace skarma::test
