#pragma once

#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <utility>

#include <skarma/core/augment/augment.hpp>
#include <skarma/core/base/all_finite.hpp>
#include <skarma/core/base/internal/check.hpp>
#include <skarma/core/base/internal/converted.hpp>
#include <skarma/core/engine/engine.hpp>
#include <skarma/core/engine/score_sums.hpp>
#include <skarma/core/net/training_mode.hpp>

namespace skarma {

/// An open model of a HostEngine, whatever its type.
class HostModel {
 public:
  virtual ~HostModel() = default;

  virtual void train(const EpochRange& range, EpochLoss& loss) = 0;
  /// Throws Cancelled after a stop request.
  virtual Matrix<double> outputs(const SampleView& samples, const std::stop_token& stop) = 0;
  /// The same.
  virtual std::vector<double> sums(const ScoreJob& job, const SampleView& samples) = 0;
  virtual double gradient(const GradientJob& job) = 0;
  virtual void keep() = 0;
  virtual void restore() = 0;
  virtual AnyModelState state() const = 0;
  virtual void set_state(const AnyModelState& state) = 0;
  virtual AnyModelState take_state() noexcept = 0;
};

/// What models of all host engines have in common: their numbers.
template <class T>
class HostModelOf : public HostModel {
 public:
  std::vector<double> sums(const ScoreJob& job, const SampleView& samples) final {
    const bool has_codes = spec_.loss().targets == TargetKind::code;
    check_score(job, has_codes, spec_.n_outputs(), samples.n_samples());
    const double epsilon{std::numeric_limits<T>::epsilon()};
    auto result = score_sums(job, outputs(samples, job.stop), epsilon);
    if (!is_finite(samples)) std::ranges::fill(result, std::numeric_limits<double>::quiet_NaN());
    return result;
  }
  double gradient(const GradientJob& job) final {
    std::ranges::transform(job.parameters, state_.parameters.begin(),
                           [](double v) { return static_cast<T>(v); });
    return whole_gradient(job.gradient, job.stop);
  }
  void keep() override { kept_ = state_.parameters; }
  void restore() override {
    if (!kept_.empty()) state_.parameters = kept_;
  }
  AnyModelState state() const final { return state_; }
  void set_state(const AnyModelState& state) final {
    const auto& given = std::get<ModelState<T>>(state);
    SKARMA_CHECK(given.parameters.size() == state_.parameters.size());
    SKARMA_CHECK(given.optimiser.moments.size() == state_.optimiser.moments.size());
    state_ = given;
  }
  AnyModelState take_state() noexcept override { return std::move(state_); }

 protected:
  /// Takes everything out of the model.
  explicit HostModelOf(OpenModel& model)
      : spec_(std::move(model.spec)),
        alpha_(model.alpha),
        restraints_(model.restraints),
        seed_(model.seed),
        counts_right_(model.counts_right),
        augmentations_(std::move(model.augmentations)),
        targets_{std::move(model.targets.codes), converted<T>(std::move(model.targets.values)),
                 converted<T>(std::move(model.targets.weights)), model.targets.n_outputs},
        state_(std::get<ModelState<T>>(std::move(model.state))) {
    SKARMA_CHECK(state_.parameters.size() == spec_.n_parameters());
  }

  bool augments() const { return !augmentations_.empty(); }
  /// Does to the rows of a batch, which are copies of samples, what is to be done.
  void augment_batch(const EpochRange& range, std::size_t batch,
                     std::span<const RowIndex> positions, MatrixView<T> rows,
                     ThreadTeam& team = ThreadTeam::alone()) const {
    augment(augmentations_, spec_.nodes().front().image, {seed_, range.epoch, batch}, positions,
            rows, team);
  }

  /// Of the step that comes next; it moves the statistics.
  TrainingMode<T> training() {
    return {seed_, step_number(state_.optimiser), state_.parameters.data() + spec_.n_trained()};
  }

  NetworkSpec spec_;
  double alpha_;
  Restraints restraints_;
  std::uint64_t seed_;
  bool counts_right_;
  std::vector<Augmentation> augmentations_;
  Targets<T> targets_;
  ModelState<T> state_;

 private:
  static bool is_finite(const SampleView& samples) {
    std::vector<T> x(samples.n_features());
    for (std::size_t i = 0; i < samples.n_samples(); ++i) {
      samples.gather(i, 1, x.data());
      if (!all_finite(std::span<const T>(x))) return false;
    }
    return true;
  }
  /// The penalised loss of all training samples at the present parameters.
  virtual double whole_gradient(std::span<double> gradient, const std::stop_token& stop) = 0;

  std::vector<T> kept_;
};

/// An engine that computes where the samples and models lie, one model after another.
class HostEngine : public Engine {
 public:
  DataId hold(const SampleView& samples) override;
  void release(DataId data) noexcept override;
  std::vector<ModelId> open(std::vector<OpenModel> models) override;
  void close(std::span<const ModelId> models, std::span<AnyModelState> states) noexcept override;
  void train(std::span<const EpochRange> group, std::span<EpochLoss> losses) override;
  void evaluate(std::span<const EvaluationJob> jobs,
                std::span<std::optional<Matrix<double>>> outputs) override;
  void score(std::span<const ScoreJob> jobs,
             std::span<std::optional<std::vector<double>>> sums) override;
  void gradients(std::span<const GradientJob> jobs, std::span<double> losses) override;
  void keep(ModelId model) override { models_.at(model)->keep(); }
  void restore(ModelId model) override { models_.at(model)->restore(); }
  AnyModelState read_state(ModelId model) override { return models_.at(model)->state(); }
  void write_state(ModelId model, const AnyModelState& state) override {
    models_.at(model)->set_state(state);
  }

 protected:
  bool is_idle() const { return models_.empty(); }

 private:
  virtual std::unique_ptr<HostModel> make_model(OpenModel& model, const SampleView& samples) = 0;
  /// The last model has been closed.
  virtual void rest() noexcept {}

  std::size_t next_id_ = 0;
  std::map<DataId, SampleView> data_;
  std::map<ModelId, std::unique_ptr<HostModel>> models_;
};

}  // namespace skarma
