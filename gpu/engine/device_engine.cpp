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
#include <skarma/gpu/engine/held_samples.hpp>
#include <skarma/gpu/engine/image.hpp>
#include <skarma/gpu/engine/models_of.hpp>
#include <skarma/gpu/engine/workbench.hpp>

namespace skarma::gpu {
namespace {

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

  void score(std::span<const ScoreJob> jobs,
             std::span<std::optional<std::vector<double>>> sums) override {
    SKARMA_CHECK(jobs.size() == sums.size());
    launch_all_copies();
    for (const ScoreJob& job : jobs) check_open(job.model);
    each_type([&](auto& of_type) { of_type.score(bench_, data_, jobs, sums); });
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

  AnyModelState read_state(ModelId model) override {
    launch_all_copies();
    check_open(model);
    AnyModelState all;
    each_type([&](auto& of_type) {
      if (auto state = of_type.read_state(*device_, model)) all = std::move(*state);
    });
    return all;
  }
  void write_state(ModelId model, const AnyModelState& state) override {
    launch_all_copies();
    check_open(model);
    each_type([&](auto& of_type) { of_type.write_state(*device_, model, state); });
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
      net.loss_numbers = nullptr;
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
