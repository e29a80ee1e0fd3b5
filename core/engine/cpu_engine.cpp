#include <skarma/core/engine/cpu_engine.hpp>

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <utility>

#include <skarma/core/base/internal/check.hpp>
#include <skarma/core/kernels/blas_threads.hpp>
#include <skarma/core/kernels/dispatch.hpp>
#include <skarma/core/net/blocked_gradient.hpp>
#include <skarma/core/net/column_block.hpp>
#include <skarma/core/net/input_reader.hpp>
#include <skarma/core/net/network.hpp>
#include <skarma/core/net/padded_rows.hpp>
#include <skarma/core/net/predict.hpp>

namespace skarma {
namespace {

/// Room for the targets of one batch, gathered by position.
template <class T>
struct TargetBuffer {
  std::vector<std::int32_t> codes;
  std::vector<T> values;
  std::vector<T> weights;

  TargetBuffer(const Targets<T>& targets, std::size_t rows)
      : codes(targets.codes.empty() ? 0 : rows),
        values(targets.values.empty() ? 0 : rows * targets.n_outputs),
        weights(targets.weights.empty() ? 0 : rows) {}
};

double weight_of(std::span<const float> w) { return std::accumulate(w.begin(), w.end(), 0.0); }
double weight_of(std::span<const double> w) { return std::accumulate(w.begin(), w.end(), 0.0); }

/// The divisor of a batch's loss and gradient: its rows, or the sum of its weights.
template <class T>
double batch_weight(std::size_t rows, const T* weights) {
  if (weights == nullptr) return static_cast<double>(rows);
  const double sum = weight_of(std::span(weights, rows));
  if (sum == 0.0) throw std::domain_error("Weights sum to zero, can't be normalized");
  return sum;
}

template <class T>
struct Model {
  ModelSetup setup;
  InputReader<T> samples;
  Targets<T> targets;
  ModelState<T> state;
  PaddedRows<T> gradient;  // one row
  Network<T> network;
  std::optional<BlockedGradient<T>> whole_gradient;  // once a full-batch solver asks
  TargetBuffer<T> buffer;

  Model(const ModelSetup& model_setup, const SampleView& x, Targets<T> y, ModelState<T> start,
        ThreadTeam& team)
      : setup(model_setup),
        samples(x, setup.spec, team, column_block<T>(x, setup.spec.layers().front().outputs)),
        targets(std::move(y)),
        state(std::move(start)),
        gradient(1, setup.spec.n_parameters()),
        network(setup.spec, setup.largest_batch, team),
        buffer(targets, setup.largest_batch) {
    SKARMA_CHECK(targets.n_samples() == x.n_samples());
    SKARMA_CHECK(state.parameters.size() == setup.spec.n_parameters());
  }

  Batch<T> gather(std::span<const RowIndex> positions) {
    const std::size_t width = targets.n_outputs;
    for (std::size_t i = 0; i < positions.size(); ++i) {
      const std::size_t p = positions[i];
      if (!buffer.codes.empty()) buffer.codes[i] = targets.codes[p];
      if (!buffer.weights.empty()) buffer.weights[i] = targets.weights[p];
      if (!buffer.values.empty()) {
        std::copy_n(targets.values.data() + p * width, width, buffer.values.data() + i * width);
      }
    }
    return batch_of(samples.at(positions), buffer.codes, buffer.values, buffer.weights,
                    positions.size());
  }

  /// All training samples in order.
  Batch<T> whole() {
    const std::size_t rows = samples.samples().n_samples();
    return batch_of(samples.range(0, rows), targets.codes, targets.values, targets.weights, rows);
  }

 private:
  static Batch<T> batch_of(const Inputs<T>& inputs, const std::vector<std::int32_t>& codes,
                           const std::vector<T>& values, const std::vector<T>& weights,
                           std::size_t rows) {
    const T* w = weights.empty() ? nullptr : weights.data();
    return {inputs, codes.data(), values.data(), w, rows, batch_weight(rows, w)};
  }
};

template <class T>
class CpuEngine final : public Engine<T> {
 public:
  CpuEngine(int n_threads, SpareThreads* spare) : team_(n_threads, spare) {}

  DataId hold(const SampleView& samples) override {
    const DataId id{next_id_++};
    data_.emplace(id, samples);
    return id;
  }
  void release(DataId data) override { data_.erase(data); }

  ModelId open(const ModelSetup& setup, DataId data, Targets<T> targets,
               ModelState<T> state) override {
    const ModelId id{next_id_++};
    models_.try_emplace(id, setup, data_.at(data), std::move(targets), std::move(state), team_);
    return id;
  }
  void close(ModelId model) override { models_.erase(model); }

  void train(std::span<const EpochRange> group, std::span<EpochLoss> losses) override {
    SKARMA_CHECK(group.size() == losses.size());
    const kernels::SingleThreadedBlas guard;  // for all products: each has one of its own
    for (std::size_t i = 0; i < group.size(); ++i) {
      train_range(models_.at(group[i].model), group[i], losses[i]);
    }
  }

  Matrix<T> evaluate(ModelId id, DataId data, const std::stop_token& stop) override {
    const Model<T>& model = models_.at(id);
    return predict_outputs<T>(model.setup.spec, model.state.parameters, data_.at(data), team_,
                              stop);
  }

  double loss_and_gradient(ModelId id, std::span<const double> parameters,
                           std::span<double> gradient, const std::stop_token& stop) override {
    const kernels::SingleThreadedBlas guard;  // for all products, as above
    Model<T>& model = models_.at(id);
    auto& w = model.state.parameters;
    std::transform(parameters.begin(), parameters.end(), w.begin(),
                   [](double v) { return static_cast<T>(v); });
    const Batch<T> batch = model.whole();
    auto& sum = model.whole_gradient;
    if (!sum) sum.emplace(model.setup.spec, batch.rows, team_);
    const double loss = (*sum)(w.data(), batch, gradient, stop);
    const double squares = penalise(model, batch.weight, gradient);
    return (loss + 0.5 * model.setup.alpha * squares) / batch.weight;
  }

  ModelState<T> save(ModelId model) const override { return models_.at(model).state; }
  void write(ModelId model, std::span<const T> parameters) override {
    std::ranges::copy(parameters, models_.at(model).state.parameters.begin());
  }

 private:
  void train_range(Model<T>& model, const EpochRange& range, EpochLoss& result) {
    const NetworkSpec& spec = model.setup.spec;
    const std::span<T> parameters(model.state.parameters);
    const std::span<T> gradient = model.gradient.view(1, spec.n_parameters()).row(0);
    for (std::size_t b = range.first_batch; b < range.end_batch; ++b) {
      const std::size_t begin = b * range.batch_size;
      const std::size_t rows = std::min(range.batch_size, range.order.size() - begin);
      const Batch<T> batch = model.gather(range.order.subspan(begin, rows));
      const double loss =
          model.network.loss_and_gradient(parameters.data(), batch, gradient.data());
      const double squares = take_step(model.state.optimiser, spec, parameters, gradient,
                                       model.setup.alpha, batch.weight, range.rate, team_);
      const double mean_loss = (loss + 0.5 * model.setup.alpha * squares) / batch.weight;
      result.loss_sum += mean_loss * static_cast<double>(rows);
    }
  }

  /// Turns the raw gradient sums into the gradient of the penalised mean; returns the sum of the
  /// squared coefs.
  static double penalise(const Model<T>& model, double weight, std::span<double> gradient) {
    const std::vector<T>& w = model.state.parameters;
    double squares = 0.0;
    for (std::size_t i = 0; i < model.setup.spec.n_coefs(); ++i) {
      const double coef = static_cast<double>(w[i]);
      squares += coef * coef;
      gradient[i] += model.setup.alpha * coef;
    }
    for (double& g : gradient) g /= weight;
    return squares;
  }

  ThreadTeam team_;
  std::size_t next_id_ = 0;
  std::map<DataId, SampleView> data_;
  std::map<ModelId, Model<T>> models_;
};

}  // namespace

template <class T>
std::unique_ptr<Engine<T>> make_cpu_engine(int n_threads, SpareThreads* spare) {
  return std::make_unique<CpuEngine<T>>(n_threads, spare);
}

template std::unique_ptr<Engine<float>> make_cpu_engine<float>(int, SpareThreads*);
template std::unique_ptr<Engine<double>> make_cpu_engine<double>(int, SpareThreads*);

}  // namespace skarma
