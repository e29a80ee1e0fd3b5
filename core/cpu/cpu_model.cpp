#include <skarma/core/cpu/cpu_model.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <type_traits>

#include <skarma/core/base/internal/converted.hpp>
#include <skarma/core/cpu/input/column_block.hpp>
#include <skarma/core/cpu/predict.hpp>
#include <skarma/core/kernels/blas_threads.hpp>

namespace skarma {
namespace {

template <class T>
Targets<T> room_for_batch(const Targets<T>& targets, std::size_t rows) {
  const auto room = [rows](const auto& all, std::size_t width) {
    return std::decay_t<decltype(all)>(all.empty() ? 0 : rows * width);
  };
  return {room(targets.codes, 1), room(targets.values, targets.n_outputs), room(targets.weights, 1),
          targets.n_outputs};
}

/// The divisor of a batch's loss and gradient: its rows, or the sum of its weights.
template <class T>
double batch_weight(std::size_t rows, const T* weights) {
  if (weights == nullptr) return static_cast<double>(rows);
  const double sum = std::accumulate(weights, weights + rows, 0.0);
  if (sum == 0.0) throw std::domain_error("Weights sum to zero, can't be normalized");
  return sum;
}

template <class T>
Batch<T> batch_of(const Inputs<T>& inputs, const Targets<T>& targets, std::size_t rows) {
  const T* w = targets.weights.empty() ? nullptr : targets.weights.data();
  return {inputs, targets.codes.data(), targets.values.data(), w, rows, batch_weight(rows, w)};
}

/// 0 for a network whose first step is no dense layer, as noise or dropout of the samples, and
/// where they are augmented: they stay dense.
template <class T>
std::size_t column_block_for(const SampleView& samples, const NetworkSpec& spec, bool augments) {
  if (augments || spec.plan().steps.front().operation != Operation::dense) return 0;
  return column_block<T>(samples, spec.layers().front().outputs);
}

}  // namespace

template <class T>
CpuModel<T>::CpuModel(OpenModel& model, const SampleView& samples, ThreadTeam& team)
    : HostModelOf<T>(model),
      team_(&team),
      samples_(samples, spec_, team, column_block_for<T>(samples, spec_, this->augments())),
      gradient_(1, spec_.n_trained()),
      network_(spec_, model.largest_batch, team),
      buffer_(room_for_batch(targets_, model.largest_batch)) {
  if (restraints_.are_there() && model.largest_batch > 0) restrained_.emplace(restraints_, spec_);
}

template <class T>
Inputs<T> CpuModel<T>::inputs(const EpochRange& range, std::size_t batch,
                              std::span<const RowIndex> positions) {
  if (!this->augments()) return samples_.at(positions);
  const MatrixView<T> rows = samples_.copied(positions);
  this->augment_batch(range, batch, positions, rows, *team_);
  return kernels::DenseRows<T>(rows.data(), rows.row_stride());
}

template <class T>
Batch<T> CpuModel<T>::gather(const EpochRange& range, std::size_t batch) {
  const std::size_t begin = batch * range.batch_size;
  const auto positions =
      range.order.subspan(begin, std::min(range.batch_size, range.order.size() - begin));
  const std::size_t width = targets_.n_outputs;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    const std::size_t p = positions[i];
    if (!buffer_.codes.empty()) buffer_.codes[i] = targets_.codes[p];
    if (!buffer_.weights.empty()) buffer_.weights[i] = targets_.weights[p];
    if (!buffer_.values.empty()) {
      std::copy_n(targets_.values.data() + p * width, width, buffer_.values.data() + i * width);
    }
  }
  return batch_of(inputs(range, batch, positions), buffer_, positions.size());
}

/// All training samples in order.
template <class T>
Batch<T> CpuModel<T>::whole() {
  const std::size_t rows = samples_.samples().n_samples();
  return batch_of(samples_.range(0, rows), targets_, rows);
}

template <class T>
void CpuModel<T>::train(const EpochRange& range, EpochLoss& result) {
  const kernels::SingleThreadedBlas guard;  // for all products: each has one of its own
  const std::span<T> parameters(state_.parameters);
  const std::span<T> gradient = gradient_.view(1, spec_.n_trained()).row(0);
  for (std::size_t b = range.first_batch; b < range.end_batch; ++b) {
    Batch<T> batch = gather(range, b);
    if (counts_right_) batch.n_right = &result.n_right;
    const double loss =
        network_.loss_and_gradient(parameters.data(), batch, gradient.data(), this->training());
    const double mean_loss = (loss + take_step(batch.weight, range.rate)) / batch.weight;
    result.loss_sum += mean_loss * static_cast<double>(batch.rows);
  }
}

/// By the gradient that is there; returns the penalties of the coefs before.
template <class T>
double CpuModel<T>::take_step(double batch_weight, double rate) {
  const std::span<T> trained = std::span(state_.parameters).first(spec_.n_trained());
  const std::span<T> gradient = gradient_.view(1, trained.size()).row(0);
  if (restrained_) {
    return restrained_->take(state_.optimiser, spec_, trained, gradient, alpha_, batch_weight, rate,
                             *team_);
  }
  return 0.5 * alpha_ *
         skarma::take_step(state_.optimiser, spec_, trained, gradient, alpha_, batch_weight, rate,
                           *team_);
}

template <class T>
Matrix<double> CpuModel<T>::outputs(const SampleView& samples, const std::stop_token& stop) {
  return converted<double>(predict_outputs<T>(spec_, state_.parameters, samples, *team_, stop));
}

template <class T>
double CpuModel<T>::whole_gradient(std::span<double> gradient, const std::stop_token& stop) {
  const kernels::SingleThreadedBlas guard;  // for all products, as above
  const Batch<T> batch = whole();
  if (!blocked_gradient_) blocked_gradient_.emplace(spec_, batch.rows, *team_);
  const double loss = (*blocked_gradient_)(state_.parameters.data(), batch, gradient, stop);
  return (loss + penalise(batch.weight, gradient)) / batch.weight;
}

/// Turns the raw gradient sums into the gradient of the penalised mean; returns the penalties.
template <class T>
double CpuModel<T>::penalise(double weight, std::span<double> gradient) const {
  double squares = 0.0, magnitudes = 0.0;
  for (const ParameterRun& run : spec_.runs()) {
    if (!run.penalised) continue;
    for (std::size_t i = run.begin; i < run.end; ++i) {
      const double coef = static_cast<double>(state_.parameters[i]);
      squares += coef * coef;
      magnitudes += std::abs(coef);
      gradient[i] += alpha_ * coef;
      if (restraints_.l1 > 0.0) gradient[i] += l1_slope(restraints_.l1, coef, gradient[i]);
    }
  }
  for (double& g : gradient) g /= weight;
  return 0.5 * alpha_ * squares + restraints_.l1 * magnitudes;
}

template class CpuModel<float>;
template class CpuModel<double>;

}  // namespace skarma
