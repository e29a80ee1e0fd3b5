#include <skarma/estimators/internal/prepared_fit.hpp>

#include <utility>
#include <vector>

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
void train_all(Engine& engine, std::span<PreparedFit* const> fits) {
  std::vector<Run*> runs;
  for (PreparedFit* const fit : fits) {
    if (Run* const run = std::get_if<Run>(&fit->run)) runs.push_back(run);
  }
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

}  // namespace

void train_group(Engine& engine, std::span<PreparedFit* const> fits) {
  OnEngine on(engine);
  open_group(on, fits);
  train_all<TrainingRun>(engine, fits);
  train_all<FullBatchRun>(engine, fits);
  std::vector<AnyModelState> states(fits.size());
  on.close(states);
  for (std::size_t i = 0; i < fits.size(); ++i) fits[i]->model.state = std::move(states[i]);
}

}  // namespace skarma
