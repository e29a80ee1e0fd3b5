#include <skarma/core/engine/plugin_engine.hpp>

#include <algorithm>
#include <deque>
#include <limits>
#include <map>
#include <utility>

#include <skarma/core/base/errors.hpp>
#include <skarma/core/base/internal/check.hpp>
#include <skarma/core/engine/device_codes.hpp>
#include <skarma/core/engine/network_description.hpp>
#include <skarma/core/engine/plugin_failure.hpp>
#include <skarma/core/engine/samples_description.hpp>
#include <skarma/core/engine/score_sums.hpp>
#include <skarma/core/engine/stop_description.hpp>

namespace skarma {
namespace {

skarma_rule described(const UpdateRule& rule) {
  return {.momentum = rule.momentum,
          .beta_1 = rule.beta_1,
          .beta_2 = rule.beta_2,
          .epsilon = rule.epsilon,
          .weight_decay = rule.weight_decay,
          .nesterovs_momentum = rule.nesterovs_momentum,
          .kind = code_of(kRuleNamesByCode, rule.name)};
}

template <class T>
skarma_start described(const ModelState<T>& state) {
  return {.parameters = state.parameters.data(),
          .n_parameters = state.parameters.size(),
          .moments = state.optimiser.moments.data(),
          .n_moments = state.optimiser.moments.size(),
          .n_steps = state.optimiser.n_steps,
          .rule = described(state.optimiser.rule),
          .type = kTypeCode<T>};
}

skarma_targets described(const Targets<double>& targets) {
  return {.codes = targets.codes.data(),
          .n_codes = targets.codes.size(),
          .values = targets.values.data(),
          .n_values = targets.values.size(),
          .weights = targets.weights.data(),
          .n_weights = targets.weights.size(),
          .n_outputs = targets.n_outputs};
}

std::uint64_t number_of(DataId data) { return static_cast<std::uint64_t>(data); }
std::uint64_t number_of(ModelId model) { return static_cast<std::uint64_t>(model); }

/// What this side remembers of an open model. The device has the numbers; those of its start are
/// room for those of its end.
struct Opened {
  AnyModelState state;
  std::size_t n_outputs;
  std::size_t place = 0;  // among those that are closed with it

  skarma_end end() {
    const auto room = [](auto& s) -> skarma_end {
      return {s.parameters.data(), s.parameters.size(), s.optimiser.moments.data(),
              s.optimiser.moments.size(), s.optimiser.n_steps};
    };
    return std::visit(room, state);
  }
  void set_n_steps(std::int64_t n_steps) {
    std::visit([n_steps](auto& s) { s.optimiser.n_steps = n_steps; }, state);
  }
  void lose() {
    const auto spoil = []<class T>(ModelState<T>& s) {
      std::ranges::fill(s.parameters, std::numeric_limits<T>::quiet_NaN());
    };
    std::visit(spoil, state);
  }
};

class PluginEngine final : public Engine {
 public:
  PluginEngine(const skarma_device_api& api, std::int32_t device) : api_(&api) {
    checked([&](skarma_message* message) { return api_->create(device, &engine_, message); });
  }
  ~PluginEngine() override { api_->destroy(engine_); }
  PluginEngine(const PluginEngine&) = delete;
  PluginEngine& operator=(const PluginEngine&) = delete;

  Capabilities capabilities() const override {
    skarma_capabilities written{.most_models = 0, .free_memory = 0};
    call(api_->capabilities, &written);
    if (written.most_models == 0) throw DeviceError("The device says that it trains no models.");
    return {.most_models = written.most_models, .free_memory = written.free_memory};
  }

  DataId hold(const SampleView& samples) override {
    std::map<DataId, SamplesDescription> held;
    const skarma_samples& described = held.try_emplace(DataId{}, samples).first->second.samples();
    std::uint64_t number = 0;
    call(api_->hold, &described, &number);
    return join(data_, held, DataId{}, DataId{number});
  }

  void release(DataId data) noexcept override {
    const auto held = data_.find(data);
    if (held == data_.end()) return;
    api_->release(engine_, number_of(data));
    data_.erase(held);
  }

  std::vector<ModelId> open(std::vector<OpenModel> models) override {
    const std::size_t n = models.size();
    std::vector<NetworkDescription> networks;
    networks.reserve(n);
    std::vector<skarma_open_model> described_models;
    for (const OpenModel& model : models) {
      if (!model.augmentations.empty()) {
        throw std::invalid_argument(
            "Samples are augmented on this processor alone: fit with device='cpu'.");
      }
      networks.emplace_back(model.spec);
      described_models.push_back(described_model(model, networks.back()));
    }
    std::map<ModelId, Opened> opened;
    for (std::size_t i = 0; i < n; ++i) {
      // Vectors keep their memory when they are moved.
      opened.try_emplace(ModelId{i},
                         Opened{std::move(models[i].state), models[i].spec.n_outputs()});
    }
    std::vector<std::uint64_t> numbers(n);
    std::vector<ModelId> ids(n);
    numbers_.resize(models_.size() + n);
    ends_.resize(models_.size() + n);
    call(api_->open, described_models.data(), n, numbers.data());
    for (std::size_t i = 0; i < n; ++i) {
      ids[i] = join(models_, opened, ModelId{i}, ModelId{numbers[i]});
    }
    return ids;
  }

  // NOLINTNEXTLINE(bugprone-exception-escape): std::visit throws for no state that is one.
  void close(std::span<const ModelId> models, std::span<AnyModelState> states) noexcept override {
    std::map<ModelId, Opened> closing;
    std::size_t n = 0;
    for (const ModelId id : models) {
      auto model = models_.extract(id);
      if (model.empty()) continue;
      numbers_[n] = number_of(id);
      ends_[n] = model.mapped().end();
      model.mapped().place = n++;
      closing.insert(std::move(model));
    }
    if (n == 0) return;
    skarma_message unread{nullptr, 0};
    skarma_end* const ends = states.empty() ? nullptr : ends_.data();
    const bool lost = api_->close(engine_, numbers_.data(), n, ends, &unread) != SKARMA_OK;
    for (std::size_t i = 0; i < states.size(); ++i) {
      auto model = closing.extract(models[i]);
      if (model.empty()) continue;
      if (lost) model.mapped().lose();
      model.mapped().set_n_steps(ends_[model.mapped().place].n_steps);
      states[i] = std::move(model.mapped().state);
    }
  }

  void train(std::span<const EpochRange> group, std::span<EpochLoss> losses) override {
    SKARMA_CHECK(group.size() == losses.size());
    std::vector<skarma_epoch_range> ranges;
    for (std::size_t i = 0; i < group.size(); ++i) {
      const EpochRange& range = group[i];
      ranges.push_back({.model = number_of(range.model),
                        .order = range.order.data(),
                        .n_order = range.order.size(),
                        .batch_size = range.batch_size,
                        .first_batch = range.first_batch,
                        .end_batch = range.end_batch,
                        .rate = range.rate,
                        .loss_sum = losses[i].loss_sum});
    }
    call(api_->train, ranges.data(), ranges.size());
    for (std::size_t i = 0; i < group.size(); ++i) losses[i].loss_sum = ranges[i].loss_sum;
  }

  void evaluate(std::span<const EvaluationJob> jobs,
                std::span<std::optional<Matrix<double>>> outputs) override {
    SKARMA_CHECK(jobs.size() == outputs.size());
    std::deque<StopDescription> stops;
    std::vector<skarma_evaluation> evaluations;
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      const EvaluationJob& job = jobs[i];
      Matrix<double>& room =
          outputs[i].emplace(data_.at(job.data).n_samples(), models_.at(job.model).n_outputs);
      evaluations.push_back({.model = number_of(job.model),
                             .data = number_of(job.data),
                             .stop = stops.emplace_back(job.stop).stop(),
                             .outputs = room.data(),
                             .n_outputs = room.values().size(),
                             .done = 0});
    }
    call(api_->evaluate, evaluations.data(), evaluations.size());
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      if (evaluations[i].done == 0) outputs[i].reset();
    }
  }

  void score(std::span<const ScoreJob> jobs,
             std::span<std::optional<std::vector<double>>> sums) override {
    SKARMA_CHECK(jobs.size() == sums.size());
    std::deque<StopDescription> stops;
    std::map<const Targets<double>*, skarma_targets> targets;
    std::vector<skarma_score> scores;
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      const ScoreJob& job = jobs[i];
      auto& room = sums[i].emplace(n_sums(job.kind, models_.at(job.model).n_outputs));
      const auto described_targets = targets.try_emplace(job.targets, described(*job.targets));
      scores.push_back({.model = number_of(job.model),
                        .data = number_of(job.data),
                        .targets = &described_targets.first->second,
                        .stop = stops.emplace_back(job.stop).stop(),
                        .sums = room.data(),
                        .n_sums = room.size(),
                        .kind = job.kind,
                        .done = 0});
    }
    call(api_->score, scores.data(), scores.size());
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      if (scores[i].done == 0) sums[i].reset();
    }
  }

  void gradients(std::span<const GradientJob> jobs, std::span<double> losses) override {
    SKARMA_CHECK(jobs.size() == losses.size());
    std::deque<StopDescription> stops;
    std::vector<skarma_gradient> gradients;
    for (const GradientJob& job : jobs) {
      gradients.push_back({.model = number_of(job.model),
                           .parameters = job.parameters.data(),
                           .n_parameters = job.parameters.size(),
                           .gradient = job.gradient.data(),
                           .n_gradient = job.gradient.size(),
                           .stop = stops.emplace_back(job.stop).stop(),
                           .loss = 0.0});
    }
    call(api_->gradients, gradients.data(), gradients.size());
    for (std::size_t i = 0; i < jobs.size(); ++i) losses[i] = gradients[i].loss;
  }

  void keep(ModelId model) override { call(api_->keep, number_of(model)); }
  void restore(ModelId model) override { call(api_->restore, number_of(model)); }

  AnyModelState read_state(ModelId model) override {
    Opened& opened = models_.at(model);
    skarma_end end = opened.end();
    call(api_->read_state, number_of(model), &end);
    opened.set_n_steps(end.n_steps);
    return opened.state;
  }
  void write_state(ModelId model, const AnyModelState& state) override {
    SKARMA_CHECK(state.index() == models_.at(model).state.index());
    const auto start = [](const auto& numbers) { return described(numbers); };
    const skarma_start described_state = std::visit(start, state);
    call(api_->write_state, number_of(model), &described_state);
  }

  Matrix<double> predict(const PredictionJob& job) override {
    SKARMA_CHECK(!job.before_last);
    const NetworkDescription network(job.spec);
    const SamplesDescription samples(job.samples);
    const StopDescription stop(job.stop);
    Matrix<double> outputs(samples.n_samples(), job.spec.n_outputs());
    skarma_prediction prediction{.network = &network.network(),
                                 .samples = &samples.samples(),
                                 .parameters = nullptr,
                                 .n_parameters = 0,
                                 .stop = stop.stop(),
                                 .outputs = outputs.data(),
                                 .n_outputs = outputs.values().size(),
                                 .type = SKARMA_FLOAT64};
    const auto set_parameters = [&]<class T>(std::span<const T> parameters) {
      prediction.parameters = parameters.data();
      prediction.n_parameters = parameters.size();
      prediction.type = kTypeCode<T>;
    };
    std::visit(set_parameters, job.parameters);
    call(api_->predict, &prediction);
    return outputs;
  }

 private:
  template <class... P, class... A>
  void call(std::int32_t (*function)(skarma_engine*, P...), A... arguments) const {
    checked([&](skarma_message* message) { return function(engine_, arguments..., message); });
  }

  /// Gives what is at `place` its name and a place in `all`. It takes no memory.
  template <class Id, class Value>
  static Id join(std::map<Id, Value>& all, std::map<Id, Value>& made, Id place, Id name) {
    auto node = made.extract(place);
    node.key() = name;
    all.insert(std::move(node));
    return name;
  }

  static skarma_open_model described_model(const OpenModel& model,
                                           const NetworkDescription& network) {
    const auto start = [](const auto& state) { return described(state); };
    return {.network = &network.network(),
            .data = number_of(model.data),
            .targets = described(model.targets),
            .start = std::visit(start, model.state),
            .alpha = model.alpha,
            .l1 = model.restraints.l1,
            .clip_value = model.restraints.clip_value,
            .clip_norm = model.restraints.clip_norm,
            .max_norm = model.restraints.max_norm,
            .largest_batch = model.largest_batch,
            .seed = model.seed,
            .tf32 = model.tf32};
  }

  const skarma_device_api* api_;
  skarma_engine* engine_ = nullptr;
  std::map<DataId, SamplesDescription> data_;
  std::map<ModelId, Opened> models_;
  // Room for all that are open, so that closing them needs no memory.
  std::vector<std::uint64_t> numbers_;
  std::vector<skarma_end> ends_;
};

}  // namespace

std::unique_ptr<Engine> make_plugin_engine(const skarma_device_api& api, std::int32_t device) {
  return std::make_unique<PluginEngine>(api, device);
}

}  // namespace skarma
