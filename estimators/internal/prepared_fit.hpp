#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>

#include <skarma/core/engine/engine.hpp>
#include <skarma/core/train/full_batch_run.hpp>
#include <skarma/core/train/training_run.hpp>
#include <skarma/estimators/holdout.hpp>

namespace skarma {

/// A fit whose data are checked and whose weights are drawn, and which is yet to be trained, alone
/// or with others: nothing of it is on an engine. Samples and estimator must outlive it.
struct PreparedFit {
  PreparedFit(NetworkSpec spec, const SampleView& x)
      : model{std::move(spec), 0.0, 0, {}, {}, {}}, samples(x) {}
  PreparedFit(const PreparedFit&) = delete;
  PreparedFit& operator=(const PreparedFit&) = delete;

  std::string device;  // what computes it, on so many threads, where it may choose
  int n_threads = 1;
  OpenModel model;     // but for its data; after training, the state that it was left in
  SampleView samples;  // which it learns from
  std::optional<SampleView> held_out{};  // which decide about early stopping
  TrainTest parts{};                     // their rows
  std::variant<TrainingRun, FullBatchRun> run{};
  std::shared_ptr<RandomState> random_state{};  // which the run draws from

  /// Makes what was trained the estimator's. Throws DivergenceError for parameters that are not
  /// finite: then the estimator is what it was.
  std::function<void(PreparedFit&)> finish;
};

/// Trains the fits as one group, of which nothing is left on the engine. finish() them then.
void train_group(Engine& engine, std::span<PreparedFit* const> fits);

}  // namespace skarma
