#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <skarma/core/engine/engine.hpp>
#include <skarma/core/net/score_kind.hpp>
#include <skarma/core/net/targets.hpp>
#include <skarma/core/train/full_batch_run.hpp>
#include <skarma/core/train/training_run.hpp>
#include <skarma/estimators/holdout.hpp>
#include <skarma/estimators/target.hpp>

namespace skarma {

/// Sums over samples that a score of the trained network is made of (Engine::score).
struct WantedSums {
  SampleView samples;  // as the network sees them
  std::shared_ptr<const Targets<double>> targets;
  ScoreKind kind;
  std::optional<std::vector<double>> sums{};  // what came of it; nullopt: it was asked to stop
};
/// Those of some samples, which are computed in one call for all fits of a group.
struct WantedScores {
  std::vector<WantedSums> all{};
  double seconds = 0.0;  // this fit's share of the time
};

/// Targets, without weights, that sums of this kind are made with; nullopt where the scores of
/// these targets are not made of such sums.
using TargetsFor = std::function<std::optional<Targets<double>>(ScoreKind, const Target&)>;

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

  /// What is wanted of the open network before it is closed, call by call.
  std::vector<WantedScores> wanted{};
  /// Empty where what becomes of it is not quite the network that is open.
  TargetsFor targets_for{};
  /// Samples of the estimator as the network sees them.
  std::function<SampleView(const SampleView&)> seen = [](const SampleView& x) { return x; };

  /// Makes what was trained the estimator's. Throws DivergenceError for parameters that are not
  /// finite: then the estimator is what it was.
  std::function<void(PreparedFit&)> finish;
};

/// Trains the fits as one group, and computes what is wanted of them. Nothing is left on the
/// engine. finish() them then.
void train_group(Engine& engine, std::span<PreparedFit* const> fits);
/// Trains and finishes one, on the control's engine if it has one.
void train_alone(PreparedFit& fit, const FitControl& control);

}  // namespace skarma
