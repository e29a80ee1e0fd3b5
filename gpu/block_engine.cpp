#include <skarma/gpu/block_engine.hpp>

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <utility>
#include <vector>

#include <skarma/core/base/all_finite.hpp>
#include <skarma/core/base/errors.hpp>
#include <skarma/core/base/internal/converted.hpp>
#include <skarma/core/engine/device_codes.hpp>
#include <skarma/core/engine/host_engine.hpp>
#include <skarma/core/net/not_finite_sample.hpp>
#include <skarma/gpu/block/thread_block.hpp>
#include <skarma/gpu/block/training.hpp>

namespace skarma {
namespace {

constexpr std::size_t kPredictedRows = 512;

gpu::BlockRule block_rule(const UpdateRule& rule, double rate) {
  return {.rule = static_cast<gpu::Rule>(code_of(kRuleNamesByCode, rule.name)),
          .rate = rate,
          .momentum = rule.momentum,
          .nesterovs_momentum = rule.nesterovs_momentum,
          .beta_1 = rule.beta_1,
          .beta_2 = rule.beta_2,
          .epsilon = rule.epsilon,
          .weight_decay = rule.weight_decay};
}

/// Memory for the passes of one network.
template <class T>
class Room {
 public:
  Room(const gpu::BlockProgram& program, std::size_t max_rows)
      : max_rows_(max_rows),
        buffers_(program.row_width() * max_rows),
        unit_numbers_(program.n_unit_numbers()),
        row_losses_(max_rows),
        partial_(gpu::kPartialSums) {}

  gpu::BlockWorkspace<T> view() {
    return {buffers_.data(), unit_numbers_.data(), row_losses_.data(), partial_.data(), max_rows_};
  }

 private:
  std::size_t max_rows_;
  std::vector<T> buffers_;
  std::vector<T> unit_numbers_;
  std::vector<double> row_losses_;
  std::vector<double> partial_;
};

template <class T>
gpu::BlockTargets<T> targets_of(const Targets<T>& targets) {
  const auto some = [](const auto& numbers) { return numbers.empty() ? nullptr : numbers.data(); };
  return {some(targets.codes), some(targets.values), some(targets.weights)};
}

/// Outputs for samples, by blocks of rows.
template <class T, class Look>
Matrix<double> outputs_of(const NetworkSpec& spec, std::span<const T> parameters,
                          const SampleView& samples, std::size_t threads,
                          const std::stop_token& stop, const Look& look) {
  const gpu::BlockProgram program(spec);
  const std::size_t n = samples.n_samples();
  const std::size_t most = std::min(n, kPredictedRows);
  Room<T> room(program, most);
  std::vector<T> x(most * spec.n_inputs());
  Matrix<double> outputs(n, spec.n_outputs());
  for (std::size_t begin = 0; begin < n; begin += most) {
    if (stop.stop_requested()) throw Cancelled("The prediction was stopped.");
    const std::size_t rows = std::min(most, n - begin);
    samples.gather(begin, rows, x.data());
    look(std::span<const T>(x).first(rows * spec.n_inputs()));
    const gpu::BlockPass<T> pass{.net = program.net(),
                                 .room = room.view(),
                                 .parameters = parameters.data(),
                                 .x = x.data(),
                                 .rows = rows,
                                 .trains = false,
                                 .seed = 0,
                                 .step_number = 0,
                                 .statistics = nullptr};
    gpu::run_block(threads, [&](auto& block) {
      gpu::forward(block, pass);
      gpu::link(block, pass);
    });
    const T* values = pass.buffer(pass.net.steps[pass.net.n_steps - 1].output);
    std::copy_n(values, rows * spec.n_outputs(), outputs.row(begin).data());
  }
  return outputs;
}

template <class T>
class BlockModel final : public HostModelOf<T> {
 public:
  BlockModel(OpenModel& model, const SampleView& samples, std::size_t threads)
      : HostModelOf<T>(model),
        samples_(samples),
        threads_(threads),
        program_(spec_),
        room_(program_, model.largest_batch > 0 ? model.largest_batch : samples.n_samples()),
        gradient_(spec_.n_trained()) {}

  void train(const EpochRange& range, EpochLoss& result) override {
    const std::size_t begin = range.first_batch * range.batch_size;
    const std::size_t end = std::min(range.end_batch * range.batch_size, range.order.size());
    const auto positions = range.order.subspan(begin, end - begin);
    const Targets<T> targets = targets_.at(positions);
    check_weights(targets.weights, range.batch_size);
    gather(positions);
    const gpu::BlockBatches<T> batches{x_.data(), targets_of(targets), positions.size(),
                                       range.batch_size};
    auto& optimiser = state_.optimiser;
    const gpu::BlockModelState<T> state{state_.parameters.data(), optimiser.moments.data(),
                                        gradient_.data(), optimiser.n_steps};
    const auto rule = block_rule(optimiser.rule, range.rate);
    double losses = 0.0;
    gpu::run_block(threads_, [&](auto& block) {
      const double sum =
          gpu::train(block, program_.net(), room_.view(), state, rule, batches, alpha_, seed_);
      if (block.rank() == 0) losses = sum;
    });
    result.loss_sum += losses;
    optimiser.n_steps += static_cast<std::int64_t>(range.end_batch - range.first_batch);
  }

  Matrix<double> outputs(const SampleView& samples, const std::stop_token& stop) override {
    return outputs_of<T>(spec_, state_.parameters, samples, threads_, stop,
                         [](std::span<const T>) {});
  }

 private:
  using HostModelOf<T>::spec_;
  using HostModelOf<T>::alpha_;
  using HostModelOf<T>::seed_;
  using HostModelOf<T>::targets_;
  using HostModelOf<T>::state_;

  double whole_gradient(std::span<double> gradient, const std::stop_token&) override {
    const std::size_t n = samples_.n_samples();
    check_weights(targets_.weights, n);
    x_.resize(n * spec_.n_inputs());
    samples_.gather(0, n, x_.data());
    std::vector<T> own(spec_.n_trained());
    double loss = 0.0;
    Room<T> room(program_, n);
    const gpu::BlockPass<T> pass{.net = program_.net(),
                                 .room = room.view(),
                                 .parameters = state_.parameters.data(),
                                 .x = x_.data(),
                                 .rows = n,
                                 .trains = true,
                                 .seed = seed_,
                                 .step_number = 0,
                                 .statistics = nullptr};
    gpu::run_block(threads_, [&](auto& block) {
      const double mean =
          gpu::penalised_loss(block, pass, targets_of(targets_), alpha_, own.data());
      if (block.rank() == 0) loss = mean;
    });
    std::ranges::copy(own, gradient.begin());
    return loss;
  }

  void gather(std::span<const RowIndex> positions) {
    x_.resize(positions.size() * spec_.n_inputs());
    samples_.gather(positions, x_.data());
  }

  /// Throws where the weights of a batch sum to 0.
  static void check_weights(const std::vector<T>& weights, std::size_t batch_size) {
    for (std::size_t begin = 0; begin < weights.size(); begin += batch_size) {
      const std::size_t rows = std::min(batch_size, weights.size() - begin);
      if (gpu::weight_of(weights.data() + begin, rows) != 0.0) continue;
      throw std::domain_error("Weights sum to zero, can't be normalized");
    }
  }

  SampleView samples_;
  std::size_t threads_;
  gpu::BlockProgram program_;
  Room<T> room_;
  std::vector<T> gradient_;
  std::vector<T> x_;
};

class BlockEngine final : public HostEngine {
 public:
  explicit BlockEngine(std::size_t threads) : threads_(threads) {}

  Matrix<double> predict(const PredictionJob& job) override {
    const auto outputs = [&]<class T>(std::span<const T> parameters) {
      return outputs_of<T>(job.spec, parameters, job.samples, threads_, job.stop,
                           [](std::span<const T> x) {
                             if (!all_finite(x)) throw NotFiniteSample();
                           });
    };
    return std::visit(outputs, job.parameters);
  }

 private:
  std::unique_ptr<HostModel> make_model(OpenModel& model, const SampleView& samples) override {
    const auto make = [&]<class T>(const ModelState<T>&) -> std::unique_ptr<HostModel> {
      return std::make_unique<BlockModel<T>>(model, samples, threads_);
    };
    return std::visit(make, model.state);
  }

  std::size_t threads_;
};

}  // namespace

std::unique_ptr<Engine> make_block_engine(std::size_t threads_a_block) {
  return std::make_unique<BlockEngine>(threads_a_block);
}

}  // namespace skarma
