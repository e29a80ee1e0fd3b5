#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <skarma/core/engine/engine.hpp>
#include <skarma/core/train/training_run.hpp>
#include <skarma/tests/support/special_values.hpp>

namespace skarma::test {

/// An engine without a network: each epoch has the loss and the validation score that a test wants,
/// and sets the only parameter to the number of the epoch. It records the order of the rows.
class ScriptedEngine final : public Engine {
 public:
  std::vector<double> losses;  // per sample, one an epoch; the last one is repeated
  std::vector<std::vector<RowIndex>> orders;
  std::vector<double> rates;
  double parameter = 0.0;
  std::optional<double> kept;
  std::size_t last_batch = 0;
  std::size_t cancelled_evaluation = 0;  // that of this epoch
  std::function<void(std::size_t end_batch)> on_train;
  std::function<void(std::span<const GradientJob>)> on_gradients;

  DataId hold(const SampleView&) override { return {}; }
  void release(DataId) noexcept override {}
  std::vector<ModelId> open(std::vector<OpenModel>) override { return {}; }
  void close(std::span<const ModelId>, std::span<AnyModelState>) noexcept override {}
  void train(std::span<const EpochRange> group, std::span<EpochLoss> results) override {
    last_batch = group[0].end_batch;
    if (on_train) on_train(last_batch);
    for (std::size_t i = 0; i < group.size(); ++i) {
      if (group[i].first_batch == 0) begin_epoch(group[i]);
      for (std::size_t b = group[i].first_batch; b < group[i].end_batch; ++b) {
        const std::size_t rows =
            std::min(group[i].batch_size, group[i].order.size() - b * group[i].batch_size);
        results[i].loss_sum += loss() * static_cast<double>(rows);
      }
    }
  }
  void evaluate(std::span<const EvaluationJob> jobs,
                std::span<std::optional<Matrix<double>>> outputs) override {
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      outputs[i].reset();
      if (orders.size() != cancelled_evaluation) outputs[i].emplace(1, 1, std::vector{parameter});
    }
  }
  void score(std::span<const ScoreJob>, std::span<std::optional<std::vector<double>>>) override {}
  void gradients(std::span<const GradientJob> jobs, std::span<double>) override {
    if (on_gradients) on_gradients(jobs);
  }
  void keep(ModelId) override { kept = parameter; }
  void restore(ModelId) override { parameter = kept.value_or(parameter); }
  AnyModelState read_state(ModelId) override { return ModelState<double>{{parameter}, {}}; }
  void write_state(ModelId, const AnyModelState& state) override {
    parameter = std::get<ModelState<double>>(state).parameters.at(0);
  }
  Matrix<double> predict(const PredictionJob&) override { return {}; }

 private:
  void begin_epoch(const EpochRange& range) {
    orders.emplace_back(range.order.begin(), range.order.end());
    rates.push_back(range.rate);
    parameter = static_cast<double>(orders.size());
  }
  double loss() const { return losses[std::min(orders.size(), losses.size()) - 1]; }
};

/// A run on a scripted engine: `losses` one an epoch, or validation scores one an epoch.
struct Scripted {
  ScriptedEngine engine;
  RandomState random_state{1};
  std::vector<double> scores;
  bool is_warm_start = false;
  TrainingRun run{.n_samples = 20,
                  .settings = {.batch_size = 5, .max_iter = 12, .tol = 0.1, .n_iter_no_change = 2},
                  .random_state = &random_state};

  static Scripted with_losses(std::vector<double> losses) {
    Scripted s;
    s.engine.losses = std::move(losses);
    s.run.history.best_loss = kInfinity;
    return s;
  }

  /// Initial parameters are 0.
  static Scripted with_scores(std::vector<double> scores) {
    Scripted s;
    s.engine.losses = {1.0};
    s.scores = std::move(scores);
    s.run.history.validation_scores.emplace();
    s.run.history.best_validation_score = -kInfinity;
    return s;
  }

  const TrainingHistory& go() {
    run.random_state = &random_state;
    if (!scores.empty()) {
      const auto score = [this](const Matrix<double>& outputs) {
        return scores[std::min(static_cast<std::size_t>(outputs(0, 0)), scores.size()) - 1];
      };
      run.validation = Validation{{}, score, {}, true, !is_warm_start};
    }
    TrainingRun* const group[] = {&run};
    train(engine, group);
    return run.history;
  }
};

}  // namespace skarma::test
