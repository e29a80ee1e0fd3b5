#include <skarma/estimators/internal/prepared_fit.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include <skarma/core/engine/shared_engine.hpp>
#include <skarma/estimators/internal/stopwatch.hpp>

namespace skarma {
namespace {

/// What a group has on an engine, and which goes with this.
class OnEngine {
 public:
  explicit OnEngine(Engine& engine) : engine_(engine) {}
  ~OnEngine() {
    close({});
    for (const auto& [view, id] : data_) engine_.release(id);
  }
  OnEngine(const OnEngine&) = delete;
  OnEngine& operator=(const OnEngine&) = delete;

  /// Fits of one fold look at the same samples, which are held once. `samples` outlive this.
  DataId hold(const SampleView& samples) {
    for (const auto& [view, id] : data_) {
      if (view->is_same_as(samples)) return id;
    }
    data_.reserve(data_.size() + 1);
    data_.emplace_back(&samples, engine_.hold(samples));
    return data_.back().second;
  }
  const std::vector<ModelId>& open(std::vector<OpenModel> models) {
    return models_ = engine_.open(std::move(models));
  }
  void close(std::span<AnyModelState> states) {
    engine_.close(models_, states);
    models_.clear();
  }

 private:
  Engine& engine_;
  std::vector<std::pair<const SampleView*, DataId>> data_;
  std::vector<ModelId> models_;
};

/// Those of a group that are trained in one way.
template <class Run>
std::vector<Run*> runs_of(std::span<PreparedFit* const> fits) {
  std::vector<Run*> runs;
  for (PreparedFit* const fit : fits) {
    if (Run* const run = std::get_if<Run>(&fit->run)) runs.push_back(run);
  }
  return runs;
}

template <class Run>
void train_all(Engine& engine, std::span<PreparedFit* const> fits) {
  const auto runs = runs_of<Run>(fits);
  if (!runs.empty()) train(engine, runs);
}

void open_group(OnEngine& on, std::span<PreparedFit* const> fits) {
  std::vector<OpenModel> models;
  models.reserve(fits.size());
  for (PreparedFit* const fit : fits) {
    fit->model.data = on.hold(fit->samples);
    if (fit->held_out) {
      std::get<TrainingRun>(fit->run).validation->data = on.hold(*fit->held_out);
    }
    models.push_back(std::move(fit->model));
  }
  const auto& ids = on.open(std::move(models));
  for (std::size_t i = 0; i < fits.size(); ++i) {
    std::visit([&](auto& run) { run.model = ids[i]; }, fits[i]->run);
  }
}

/// Some of what is wanted of a group, in one call.
class Scoring {
 public:
  Scoring(OnEngine& on, std::span<PreparedFit* const> fits, std::size_t number) {
    for (PreparedFit* const fit : fits) {
      if (number >= fit->wanted.size()) continue;
      scores_.push_back(&fit->wanted[number]);
      std::visit([&](const auto& run) { add_jobs(on, run.model, run.control.stop); }, fit->run);
    }
  }
  bool is_empty() const { return scores_.empty(); }

  void run(Engine& engine) {
    std::vector<std::optional<std::vector<double>>> sums(jobs_.size());
    double seconds = 0.0;
    {
      const Stopwatch watch(seconds);
      engine.score(jobs_, sums);
    }
    auto next = sums.begin();
    for (WantedScores* const scores : scores_) {
      for (WantedSums& wanted : scores->all) wanted.sums = std::move(*next++);
      scores->seconds = seconds / static_cast<double>(scores_.size());
    }
  }

 private:
  void add_jobs(OnEngine& on, ModelId model, const std::stop_token& stop) {
    for (const WantedSums& wanted : scores_.back()->all) {
      jobs_.push_back({model, on.hold(wanted.samples), wanted.targets.get(), wanted.kind, stop});
    }
  }

  std::vector<WantedScores*> scores_;
  std::vector<ScoreJob> jobs_;
};

void score_all(OnEngine& on, Engine& engine, std::span<PreparedFit* const> fits) {
  std::vector<PreparedFit*> wanted;
  std::ranges::copy_if(fits, std::back_inserter(wanted),
                       [](const PreparedFit* fit) { return !fit->wanted.empty(); });
  const auto minimised = runs_of<FullBatchRun>(wanted);
  if (!minimised.empty()) settle(engine, minimised);
  for (std::size_t number = 0;; ++number) {
    Scoring scoring(on, wanted, number);
    if (scoring.is_empty()) return;
    scoring.run(engine);
  }
}

}  // namespace

void train_group(Engine& engine, std::span<PreparedFit* const> fits) {
  OnEngine on(engine);
  open_group(on, fits);
  train_all<TrainingRun>(engine, fits);
  train_all<FullBatchRun>(engine, fits);
  score_all(on, engine, fits);
  std::vector<AnyModelState> states(fits.size());
  on.close(states);
  for (std::size_t i = 0; i < fits.size(); ++i) fits[i]->model.state = std::move(states[i]);
}

void train_alone(PreparedFit& fit, const FitControl& control) {
  SharedEngine own;
  SharedEngine& engines = control.engine != nullptr ? *control.engine : own;
  PreparedFit* const group[] = {&fit};
  train_group(engines.on(fit.device, fit.n_threads), group);
  fit.finish(fit);
}

}  // namespace skarma
