#include <skarma/core/engine/host_engine.hpp>

#include <skarma/core/base/errors.hpp>

namespace skarma {

DataId HostEngine::hold(const SampleView& samples) {
  const DataId id{next_id_++};
  data_.emplace(id, samples);
  return id;
}

void HostEngine::release(DataId data) noexcept { data_.erase(data); }

std::vector<ModelId> HostEngine::open(std::vector<OpenModel> models) {
  std::vector<ModelId> ids;
  std::map<ModelId, std::unique_ptr<HostModel>> opened;
  for (OpenModel& model : models) {
    SKARMA_CHECK(data_.contains(model.data));
    const SampleView& samples = data_.at(model.data);
    SKARMA_CHECK(model.targets.n_samples() == samples.n_samples());
    ids.push_back(ModelId{next_id_++});
    opened.emplace(ids.back(), make_model(model, samples));
  }
  models_.merge(opened);
  return ids;
}

void HostEngine::close(std::span<const ModelId> models, std::span<AnyModelState> states) noexcept {
  for (std::size_t i = 0; i < models.size(); ++i) {
    const auto model = models_.find(models[i]);
    if (model == models_.end()) continue;
    if (!states.empty()) states[i] = model->second->take_state();
    models_.erase(model);
  }
  if (is_idle()) rest();
}

void HostEngine::train(std::span<const EpochRange> group, std::span<EpochLoss> losses) {
  SKARMA_CHECK(group.size() == losses.size());
  for (std::size_t i = 0; i < group.size(); ++i) {
    models_.at(group[i].model)->train(group[i], losses[i]);
  }
}

void HostEngine::evaluate(std::span<const EvaluationJob> jobs,
                          std::span<std::optional<Matrix<double>>> outputs) {
  SKARMA_CHECK(jobs.size() == outputs.size());
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const auto& [model, data, stop] = jobs[i];
    try {
      outputs[i] = models_.at(model)->outputs(data_.at(data), stop);
    } catch (const Cancelled&) {
      outputs[i].reset();
    }
  }
}

void HostEngine::score(std::span<const ScoreJob> jobs,
                       std::span<std::optional<std::vector<double>>> sums) {
  SKARMA_CHECK(jobs.size() == sums.size());
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    try {
      sums[i] = models_.at(jobs[i].model)->sums(jobs[i], data_.at(jobs[i].data));
    } catch (const Cancelled&) {
      sums[i].reset();
    }
  }
}

void HostEngine::gradients(std::span<const GradientJob> jobs, std::span<double> losses) {
  SKARMA_CHECK(jobs.size() == losses.size());
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    losses[i] = models_.at(jobs[i].model)->gradient(jobs[i]);
  }
}

}  // namespace skarma
