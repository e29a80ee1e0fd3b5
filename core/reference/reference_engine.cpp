#include <skarma/core/reference/reference_engine.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <utility>

#include <skarma/core/base/all_finite.hpp>
#include <skarma/core/base/errors.hpp>
#include <skarma/core/base/internal/converted.hpp>
#include <skarma/core/engine/host_engine.hpp>
#include <skarma/core/net/not_finite_sample.hpp>
#include <skarma/core/reference/network_formulas.hpp>
#include <skarma/core/reference/restraint_formulas.hpp>
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
                  slot.penalised && !slot.frozen);
    }
  }
  return ones;
}

template <class T>
class ReferenceModel final : public HostModelOf<T> {
 public:
  ReferenceModel(OpenModel& model, const SampleView& samples)
      : HostModelOf<T>(model), samples_(samples) {}

  void train(const EpochRange& range, EpochLoss& result) override {
    const std::span<T> trained = std::span(state_.parameters).first(spec_.n_trained());
    std::vector<T> gradient(trained.size());
    for (std::size_t b = range.first_batch; b < range.end_batch; ++b) {
      const std::size_t begin = b * range.batch_size;
      const std::size_t rows = std::min(range.batch_size, range.order.size() - begin);
      const auto positions = range.order.subspan(begin, rows);
      Matrix<T> x = gathered<T>(samples_, positions);
      if (this->augments()) this->augment_batch(range, b, positions, x.view());
      const double loss = penalised(x, positions, this->training(), std::span<T>(gradient),
                                    counts_right_ ? &result.n_right : nullptr);
      reference::clip<T>(gradient, spec_, restraints_);
      const std::vector<T> before(trained.begin(), trained.end());
      reference::take_step<T>(state_.optimiser, spec_, trained, gradient, range.rate);
      reference::restrain<T>(restraints_, spec_, before, gradient, trained);
      result.loss_sum += loss * static_cast<double>(rows);
    }
  }

  Matrix<double> outputs(const SampleView& samples, const std::stop_token& stop) override {
    if (stop.stop_requested()) throw Cancelled("The prediction was stopped.");
    return converted<double>(
        reference::outputs<T>(spec_, state_.parameters, gathered<T>(samples, all_rows(samples))));
  }

 private:
  using HostModelOf<T>::spec_;
  using HostModelOf<T>::alpha_;
  using HostModelOf<T>::restraints_;
  using HostModelOf<T>::seed_;
  using HostModelOf<T>::counts_right_;
  using HostModelOf<T>::targets_;
  using HostModelOf<T>::state_;

  double whole_gradient(std::span<double> gradient, const std::stop_token&) override {
    const auto rows = all_rows(samples_);
    return penalised(gathered<T>(samples_, rows), rows, {seed_}, gradient);
  }

  /// The mean loss of some samples with the penalties alpha / 2 * w^2 + l1 * |w|, summed over all
  /// penalised w, which are part of the mean, too; its gradient goes to `gradient`.
  template <class G>
  double penalised(const Matrix<T>& x, std::span<const RowIndex> positions,
                   const TrainingMode<T>& training, std::span<G> gradient,
                   std::size_t* n_right = nullptr) const {
    const Targets<T> batch = targets_.at(positions);
    const double weight = weight_of(batch);
    const auto sums = reference::loss_and_gradient<T>(spec_, state_.parameters, x, batch, training);
    if (n_right != nullptr) *n_right += sums.n_right;
    const auto is_penalised = penalised_ones(spec_);
    double squares = 0.0, magnitudes = 0.0;
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      const G w = is_penalised[i] ? static_cast<G>(state_.parameters[i]) : G(0);
      squares += static_cast<double>(w) * static_cast<double>(w);
      magnitudes += std::abs(static_cast<double>(w));
      gradient[i] =
          (static_cast<G>(sums.gradient[i]) + static_cast<G>(alpha_) * w) / static_cast<G>(weight);
      if (is_penalised[i]) {
        const G l1 = static_cast<G>(restraints_.l1 / weight);
        gradient[i] += w != 0 ? std::copysign(l1, w) : -std::clamp(gradient[i], -l1, l1);
      }
    }
    return (sums.loss + 0.5 * alpha_ * squares + restraints_.l1 * magnitudes) / weight;
  }

  SampleView samples_;
};

class ReferenceEngine final : public HostEngine {
 public:
  Matrix<double> predict(const PredictionJob& job) override {
    SKARMA_CHECK(!job.before_last);
    if (job.stop.stop_requested()) throw Cancelled("The prediction was stopped.");
    const auto outputs = [&]<class T>(std::span<const T> parameters) {
      const Matrix<T> x = gathered<T>(job.samples, all_rows(job.samples));
      if (!skarma::all_finite(std::span(x.values()))) throw NotFiniteSample();
      return converted<double>(reference::outputs(job.spec, parameters, x));
    };
    return std::visit(outputs, job.parameters);
  }

 private:
  std::unique_ptr<HostModel> make_model(OpenModel& model, const SampleView& samples) override {
    const auto make = [&]<class T>(const ModelState<T>&) -> std::unique_ptr<HostModel> {
      return std::make_unique<ReferenceModel<T>>(model, samples);
    };
    return std::visit(make, model.state);
  }
};

}  // namespace

std::unique_ptr<Engine> make_reference_engine() { return std::make_unique<ReferenceEngine>(); }

}  // namespace skarma
