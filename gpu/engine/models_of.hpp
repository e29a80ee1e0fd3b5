#pragma once

#include <map>
#include <optional>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include <skarma/core/base/internal/check.hpp>
#include <skarma/core/engine/engine.hpp>
#include <skarma/gpu/engine/compute_gradients.hpp>
#include <skarma/gpu/engine/compute_outputs.hpp>
#include <skarma/gpu/engine/compute_scores.hpp>
#include <skarma/gpu/engine/opened_model.hpp>
#include <skarma/gpu/engine/train_models.hpp>

namespace skarma::gpu {

/// The open models of one type. Functions for groups pass over those of the other.
template <class T>
class ModelsOf {
 public:
  /// The state of a model comes back to where its numbers came from.
  struct Open {
    OpenedModel<T> opened;
    ModelState<T> state;
  };

  OpenedModel<T>* find(ModelId id) {
    const auto found = models_.find(id);
    return found == models_.end() ? nullptr : &found->second.opened;
  }

  /// `ids` are those of all models, of which this opens its own.
  void open(Device& device, const HeldData& data, std::span<OpenModel> models,
            std::span<const ModelId> ids) {
    std::vector<OpenModel*> own;
    std::vector<ModelId> own_ids;
    for (std::size_t i = 0; i < models.size(); ++i) {
      if (!std::holds_alternative<ModelState<T>>(models[i].state)) continue;
      own.push_back(&models[i]);
      own_ids.push_back(ids[i]);
    }
    auto opened = open_together<T>(device, data, own);
    for (std::size_t i = 0; i < own.size(); ++i) {
      models_.emplace(own_ids[i], Open{std::move(opened[i]),
                                       std::get<ModelState<T>>(std::move(own[i]->state))});
    }
  }

  void bring_back_states(Device& device, std::span<const ModelId> ids) {
    std::vector<const OpenedModel<T>*> closing;
    std::vector<ModelState<T>*> states;
    for (const ModelId id : ids) {
      const auto found = models_.find(id);
      if (found == models_.end()) continue;
      closing.push_back(&found->second.opened);
      states.push_back(&found->second.state);
    }
    bring_back<T>(device, closing, states);
  }
  /// A copy of its state, if the model is one of these.
  std::optional<ModelState<T>> read_state(Device& device, ModelId id) {
    const auto found = models_.find(id);
    if (found == models_.end()) return std::nullopt;
    bring_back_states(device, {&id, 1});
    return found->second.state;
  }
  void write_state(Device& device, ModelId id, const AnyModelState& state) {
    OpenedModel<T>* const model = find(id);
    if (model == nullptr) return;
    const auto& [parameters, optimiser] = std::get<ModelState<T>>(state);
    SKARMA_CHECK(parameters.size() == model->net.n_parameters);
    SKARMA_CHECK(optimiser.moments.size() == model->n_moments);
    device.upload(model->parameters, parameters.data(), parameters.size() * sizeof(T));
    if (!optimiser.moments.empty()) {
      device.upload(model->moments, optimiser.moments.data(), optimiser.moments.size() * sizeof(T));
    }
    model->n_steps = optimiser.n_steps;
  }
  /// Its state, if the model is one of these.
  std::optional<ModelState<T>> close(ModelId id) noexcept {
    auto node = models_.extract(id);
    if (node.empty()) return std::nullopt;
    return std::move(node.mapped().state);
  }

  void train(Workbench& bench, std::span<const EpochRange> group, std::span<EpochLoss> losses) {
    std::vector<TrainJob<T>> jobs;
    for (std::size_t i = 0; i < group.size(); ++i) {
      if (OpenedModel<T>* model = find(group[i].model))
        jobs.push_back({model, &group[i], &losses[i]});
    }
    train_models<T>(bench, jobs);
  }

  void evaluate(Workbench& bench, const HeldData& data, std::span<const EvaluationJob> group,
                std::span<std::optional<Matrix<double>>> outputs) {
    std::vector<OutputJob<T>> jobs;
    std::vector<std::optional<Matrix<double>>*> places;
    for (std::size_t i = 0; i < group.size(); ++i) {
      const OpenedModel<T>* const model = find(group[i].model);
      if (model == nullptr) continue;
      const HeldSamples& held = data.at(group[i].data);
      jobs.push_back({.net = model->net,
                      .parameters = model->parameters,
                      .samples = &held.view(),
                      .on_device = held.template on_device<T>(),
                      .checks = false,
                      .stop = group[i].stop,
                      .outputs = &outputs[i].emplace(0, 0)});
      places.push_back(&outputs[i]);
    }
    compute_outputs<T>(bench, jobs);
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      if (jobs[i].stopped) places[i]->reset();
    }
  }

  void score(Workbench& bench, const HeldData& data, std::span<const ScoreJob> group,
             std::span<std::optional<std::vector<double>>> sums) {
    std::vector<ScoredModel<T>> jobs;
    for (std::size_t i = 0; i < group.size(); ++i) {
      if (const OpenedModel<T>* model = find(group[i].model)) {
        jobs.push_back({model, &data.at(group[i].data), &group[i], &sums[i]});
      }
    }
    compute_scores<T>(bench, jobs);
  }

  void gradients(Workbench& bench, std::span<const GradientJob> group, std::span<double> losses) {
    std::vector<LossJob<T>> jobs;
    for (std::size_t i = 0; i < group.size(); ++i) {
      if (const OpenedModel<T>* model = find(group[i].model)) {
        jobs.push_back({model, &group[i], &losses[i]});
      }
    }
    compute_gradients<T>(bench, jobs);
  }

 private:
  std::map<ModelId, Open> models_;
};

}  // namespace skarma::gpu
