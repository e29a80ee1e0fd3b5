#include <skarma/gpu/engine/device_engine.hpp>

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include <skarma/core/base/errors.hpp>
#include <skarma/core/base/internal/check.hpp>
#include <skarma/gpu/block/block_net.hpp>
#include <skarma/gpu/engine/compute_gradients.hpp>
#include <skarma/gpu/engine/compute_outputs.hpp>
#include <skarma/gpu/engine/train_models.hpp>

namespace skarma::gpu {
namespace {

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

/// Parameters that a model is asked to remember or to go back to, which wait for others like them.
template <class T>
using Copies = std::vector<CopyTask<T>>;

template <class T>
void launch_copies(Workbench& bench, Copies<T>& copies) {
  if (copies.empty()) return;
  Image image;
  const auto tasks = image.add(copies);
  bench.place(image);
  image.upload(bench.device());
  bench.launch(image, tasks, 0);
  copies.clear();
}

class DeviceEngine final : public Engine {
 public:
  explicit DeviceEngine(std::unique_ptr<Device> device)
      : device_(std::move(device)), bench_(*device_), predicting_(*device_), matrices_(*device_) {}

  /// Blocks that have nothing to do while others finish should be few.
  Capabilities capabilities() const override {
    constexpr std::size_t kRounds = 16;
    return {.most_models = kRounds * device_->blocks_at_once(),
            .free_memory = device_->free_memory()};
  }

  DataId hold(const SampleView& samples) override {
    const DataId id{next_id_++};
    data_.try_emplace(id, *device_, matrices_, samples);
    return id;
  }
  void release(DataId data) noexcept override { data_.erase(data); }

  std::vector<ModelId> open(std::vector<OpenModel> models) override {
    std::vector<ModelId> ids;
    for (std::size_t i = 0; i < models.size(); ++i) ids.push_back(ModelId{next_id_++});
    try {
      each_type([&](auto& of_type) { of_type.open(*device_, data_, models, ids); });
    } catch (...) {
      forget(ids);
      throw;
    }
    return ids;
  }

  // NOLINTNEXTLINE(bugprone-exception-escape): what throws is caught.
  void close(std::span<const ModelId> models, std::span<AnyModelState> states) noexcept override {
    bool lost = states.empty();
    try {
      launch_all_copies();
      if (!lost) each_type([&](auto& of_type) { of_type.bring_back_states(*device_, models); });
    } catch (...) {
      lost = true;
    }
    for (std::size_t i = 0; i < models.size(); ++i) {
      each_type([&](auto& of_type) {
        auto state = of_type.close(models[i]);
        if (!state || states.empty()) return;
        if (lost) lose(*state);
        states[i] = std::move(*state);
      });
    }
  }

  void train(std::span<const EpochRange> group, std::span<EpochLoss> losses) override {
    SKARMA_CHECK(group.size() == losses.size());
    launch_all_copies();
    for (const EpochRange& range : group) check_open(range.model);
    each_type([&](auto& of_type) { of_type.train(bench_, group, losses); });
  }

  void evaluate(std::span<const EvaluationJob> jobs,
                std::span<std::optional<Matrix<double>>> outputs) override {
    SKARMA_CHECK(jobs.size() == outputs.size());
    launch_all_copies();
    for (const EvaluationJob& job : jobs) check_open(job.model);
    each_type([&](auto& of_type) { of_type.evaluate(bench_, data_, jobs, outputs); });
  }

  void gradients(std::span<const GradientJob> jobs, std::span<double> losses) override {
    SKARMA_CHECK(jobs.size() == losses.size());
    launch_all_copies();
    for (const GradientJob& job : jobs) check_open(job.model);
    each_type([&](auto& of_type) { of_type.gradients(bench_, jobs, losses); });
  }

  void keep(ModelId model) override {
    with_model(model, [&]<class T>(OpenedModel<T>& opened) {
      copies<T>().push_back({opened.parameters, opened.kept, opened.net.n_parameters});
      opened.has_kept = keeps_wait_ = true;
    });
  }
  void restore(ModelId model) override {
    with_model(model, [&]<class T>(OpenedModel<T>& opened) {
      if (!opened.has_kept) return;
      if (keeps_wait_) launch_all_copies();  // what it remembers may be among them
      copies<T>().push_back({opened.kept, opened.parameters, opened.net.n_parameters});
    });
  }

  Matrix<double> predict(const PredictionJob& job) override {
    const auto outputs_by = [&]<class T>(std::span<const T> parameters) {
      const BlockProgram program(job.spec);
      BlockNet net = program.net();
      Image image;
      const auto numbers = image.add(parameters);
      const auto steps = image.add(std::span(net.steps, net.n_steps));
      const auto starts = image.add(program.starts());
      image.lies_at(predicting_.at_least(image.size()));
      image.upload(*device_);
      net.steps = image.address(steps);
      net.starts = image.address(starts);
      net.runs = nullptr;
      Matrix<double> outputs(0, 0);
      OutputJob<T> all{.net = net,
                       .parameters = image.address(numbers),
                       .samples = &job.samples,
                       .on_device = nullptr,
                       .checks = true,
                       .stop = job.stop,
                       .outputs = &outputs};
      compute_outputs<T>(bench_, {&all, 1});
      if (all.stopped) throw Cancelled("The prediction was stopped.");
      return outputs;
    };
    return std::visit(outputs_by, job.parameters);
  }

 private:
  template <class F>
  void each_type(const F& f) {
    std::apply([&](auto&... of_type) { (f(of_type), ...); }, models_);
  }

  /// f(model). Throws std::out_of_range where it is not open.
  template <class F>
  void with_model(ModelId id, const F& f) {
    bool found = false;
    each_type([&](auto& of_type) {
      if (auto* const model = of_type.find(id)) {
        found = true;
        f(*model);
      }
    });
    if (!found) throw std::out_of_range("A model is not open.");
  }
  void check_open(ModelId id) {
    with_model(id, [](const auto&) {});
  }

  template <class T>
  Copies<T>& copies() {
    return std::get<Copies<T>>(copies_);
  }
  void launch_all_copies() {
    std::apply([&](auto&... of_type) { (launch_copies(bench_, of_type), ...); }, copies_);
    keeps_wait_ = false;
  }

  void forget(std::span<const ModelId> ids) noexcept {
    for (const ModelId id : ids) each_type([&](auto& of_type) { of_type.close(id); });
  }
  template <class T>
  static void lose(ModelState<T>& state) {
    std::ranges::fill(state.parameters, std::numeric_limits<T>::quiet_NaN());
  }

  std::unique_ptr<Device> device_;
  Workbench bench_;
  GrowingMemory predicting_;  // networks that are not open
  StoredMatrices matrices_;
  std::size_t next_id_ = 0;
  HeldData data_;
  std::tuple<ModelsOf<float>, ModelsOf<double>> models_;
  std::tuple<Copies<float>, Copies<double>> copies_;
  bool keeps_wait_ = false;  // among the copies
};

}  // namespace

std::unique_ptr<Engine> make_device_engine(std::unique_ptr<Device> device) {
  return std::make_unique<DeviceEngine>(std::move(device));
}

}  // namespace skarma::gpu
