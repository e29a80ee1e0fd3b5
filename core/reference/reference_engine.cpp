#include <skarma/core/reference/reference_engine.hpp>

#include <algorithm>
#include <map>
#include <numeric>
#include <stdexcept>
#include <utility>

#include <skarma/core/base/all_finite.hpp>
#include <skarma/core/base/errors.hpp>
#include <skarma/core/base/internal/check.hpp>
#include <skarma/core/net/predict.hpp>
#include <skarma/core/reference/network_formulas.hpp>
#include <skarma/core/reference/update_formulas.hpp>

namespace skarma {
namespace {

template <class T>
Matrix<T> gathered(const SampleView& samples, std::span<const RowIndex> positions) {
  Matrix<T> rows(positions.size(), samples.n_features());
  samples.gather(positions, rows.data());
  return rows;
}

std::vector<RowIndex> all_rows(const SampleView& samples) {
  std::vector<RowIndex> rows(samples.n_samples());
  std::iota(rows.begin(), rows.end(), RowIndex{0});
  return rows;
}

/// What a mean over these samples divides by.
template <class T>
double weight_of(const Targets<T>& targets) {
  if (targets.weights.empty()) return static_cast<double>(targets.n_samples());
  const double sum = std::accumulate(targets.weights.begin(), targets.weights.end(), 0.0);
  if (sum == 0.0) throw std::domain_error("Weights sum to zero, can't be normalized");
  return sum;
}

/// Which of the packed parameters a penalty is on.
std::vector<bool> penalised_ones(const NetworkSpec& spec) {
  std::vector<bool> ones(spec.n_parameters());
  for (const Node& node : spec.nodes()) {
    for (const Slot& slot : node.slots) {
      std::fill_n(ones.begin() + static_cast<std::ptrdiff_t>(slot.offset), slot.size,
                  slot.penalised);
    }
  }
  return ones;
}

template <class T>
struct ReferenceModel {
  ModelSetup setup;
  SampleView samples;
  Targets<T> targets;
  ModelState<T> state;

  /// The mean loss of some samples with the penalty alpha / 2 * sum of w^2 over all penalised w,
  /// which is part of the mean, too; its gradient goes to `gradient`.
  template <class G>
  double penalised(std::span<const RowIndex> positions, std::span<G> gradient) const {
    const Targets<T> batch = targets.at(positions);
    const double weight = weight_of(batch);
    const auto sums = reference::loss_and_gradient<T>(setup.spec, state.parameters,
                                                      gathered<T>(samples, positions), batch);
    const auto is_penalised = penalised_ones(setup.spec);
    double squares = 0.0;
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      const G w = is_penalised[i] ? static_cast<G>(state.parameters[i]) : G(0);
      squares += static_cast<double>(w) * static_cast<double>(w);
      gradient[i] = (static_cast<G>(sums.gradient[i]) + static_cast<G>(setup.alpha) * w) /
                    static_cast<G>(weight);
    }
    return (sums.loss + 0.5 * setup.alpha * squares) / weight;
  }
};

template <class T>
class ReferenceEngine final : public Engine<T> {
 public:
  DataId hold(const SampleView& samples) override {
    const DataId id{next_id_++};
    data_.emplace(id, samples);
    return id;
  }
  void release(DataId data) override { data_.erase(data); }

  ModelId open(const ModelSetup& setup, DataId data, Targets<T> targets,
               ModelState<T> state) override {
    SKARMA_CHECK(targets.n_samples() == data_.at(data).n_samples());
    SKARMA_CHECK(state.parameters.size() == setup.spec.n_parameters());
    const ModelId id{next_id_++};
    models_.insert({id, {setup, data_.at(data), std::move(targets), std::move(state)}});
    return id;
  }
  void close(ModelId model) override { models_.erase(model); }

  void train(std::span<const EpochRange> group, std::span<EpochLoss> losses) override {
    SKARMA_CHECK(group.size() == losses.size());
    for (std::size_t i = 0; i < group.size(); ++i) {
      train_range(models_.at(group[i].model), group[i], losses[i]);
    }
  }

  Matrix<T> evaluate(ModelId id, DataId data, const std::stop_token& stop) override {
    if (stop.stop_requested()) throw Cancelled("The prediction was stopped.");
    const ReferenceModel<T>& model = models_.at(id);
    return reference_outputs<T>(model.setup.spec, model.state.parameters, data_.at(data));
  }

  double loss_and_gradient(ModelId id, std::span<const double> parameters,
                           std::span<double> gradient, const std::stop_token&) override {
    ReferenceModel<T>& model = models_.at(id);
    std::transform(parameters.begin(), parameters.end(), model.state.parameters.begin(),
                   [](double v) { return static_cast<T>(v); });
    return model.penalised(all_rows(model.samples), gradient);
  }

  ModelState<T> save(ModelId model) const override { return models_.at(model).state; }
  void write(ModelId model, std::span<const T> parameters) override {
    std::ranges::copy(parameters, models_.at(model).state.parameters.begin());
  }

 private:
  static void train_range(ReferenceModel<T>& model, const EpochRange& range, EpochLoss& result) {
    std::vector<T> gradient(model.state.parameters.size());
    for (std::size_t b = range.first_batch; b < range.end_batch; ++b) {
      const std::size_t begin = b * range.batch_size;
      const std::size_t rows = std::min(range.batch_size, range.order.size() - begin);
      const double loss = model.penalised(range.order.subspan(begin, rows), std::span<T>(gradient));
      reference::take_step<T>(model.state.optimiser, model.state.parameters, gradient, range.rate,
                              model.setup.spec.n_coefs());
      result.loss_sum += loss * static_cast<double>(rows);
    }
  }

  std::size_t next_id_ = 0;
  std::map<DataId, SampleView> data_;
  std::map<ModelId, ReferenceModel<T>> models_;
};

}  // namespace

template <class T>
std::unique_ptr<Engine<T>> make_reference_engine() {
  return std::make_unique<ReferenceEngine<T>>();
}

template <class T>
Matrix<T> reference_outputs(const NetworkSpec& spec, std::span<const T> parameters,
                            const SampleView& x) {
  const Matrix<T> samples = gathered<T>(x, all_rows(x));
  if (!all_finite(std::span(samples.values()))) throw NotFiniteSample();
  return reference::outputs(spec, parameters, samples);
}

template std::unique_ptr<Engine<float>> make_reference_engine<float>();
template std::unique_ptr<Engine<double>> make_reference_engine<double>();
template Matrix<float> reference_outputs<float>(const NetworkSpec&, std::span<const float>,
                                                const SampleView&);
template Matrix<double> reference_outputs<double>(const NetworkSpec&, std::span<const double>,
                                                  const SampleView&);

}  // namespace skarma
