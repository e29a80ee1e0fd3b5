#pragma once

#include <optional>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include <skarma/core/engine/engine.hpp>

namespace skarma::test {

// A group of one on an engine.

inline ModelId open_one(Engine& engine, OpenModel model) {
  std::vector<OpenModel> group;
  group.push_back(std::move(model));
  return engine.open(std::move(group)).front();
}

template <class T = double>
ModelState<T> close_one(Engine& engine, ModelId model) {
  AnyModelState state;
  engine.close({&model, 1}, {&state, 1});
  return std::get<ModelState<T>>(std::move(state));
}

inline void train_one(Engine& engine, const EpochRange& range, EpochLoss& loss) {
  engine.train({&range, 1}, {&loss, 1});
}

inline double loss_and_gradient(Engine& engine, ModelId model, std::span<const double> parameters,
                                std::span<double> gradient) {
  const GradientJob job{model, parameters, gradient};
  double loss = 0.0;
  engine.gradients({&job, 1}, {&loss, 1});
  return loss;
}

inline Matrix<double> outputs_of(Engine& engine, ModelId model, const SampleView& samples) {
  const EvaluationJob job{model, engine.hold(samples)};
  std::optional<Matrix<double>> outputs;
  engine.evaluate({&job, 1}, {&outputs, 1});
  engine.release(job.data);
  return outputs.value();
}

inline std::vector<double> sums_of(Engine& engine, ModelId model, const SampleView& samples,
                                   const Targets<double>& targets, ScoreKind kind) {
  const ScoreJob job{model, engine.hold(samples), &targets, kind};
  std::optional<std::vector<double>> sums;
  engine.score({&job, 1}, {&sums, 1});
  engine.release(job.data);
  return sums.value();
}

}  // namespace skarma::test
