// Ioffe and Szegedy, ICML 2015.
#include <algorithm>
#include <cmath>
#include <vector>

#include <skarma/core/cpu/layers/dense.hpp>
#include <skarma/core/cpu/layers/operations.hpp>
#include <skarma/core/kernels/dispatch.hpp>

namespace skarma {
namespace {

enum SlotNumber { kGamma, kBeta, kMean, kVariance };

/// The numbers of this batch, one for each unit.
template <class T>
struct UnitNumbers {
  T* mean;
  T* variance;
  T* inverse;  // of the deviation

  UnitNumbers(const PlanStep& step, const Pass<T>& pass)
      : mean(pass.buffers.unit_numbers(step)),
        variance(mean + pass.slot(step, kMean).size),
        inverse(variance + pass.slot(step, kMean).size) {}
};

/// Values as rows of what is normalised: a channel of images, or a unit.
template <class T>
MatrixView<T> units_of(const PlanStep& step, const Pass<T>& pass, BufferId buffer) {
  return by_channel(pass.values(buffer), pass.slot(step, kGamma).size);
}

/// Calls task(first, n) for some of the columns at a time, of which each is a sum of its own.
template <class T, class Task>
void for_columns(const Pass<T>& pass, const MatrixView<T>& x, const Task& task) {
  run_in_parts(pass.team, x.cols(), 4 * x.rows() * x.cols(),
               [&](std::size_t begin, std::size_t end) { task(begin, end - begin); });
}

template <class T>
void invert(const T* variance, std::size_t n, T* inverse) {
  for (std::size_t j = 0; j < n; ++j) {
    inverse[j] = T(1) / std::sqrt(variance[j] + static_cast<T>(kBatchNormEpsilon));
  }
}

/// The moving variance is that of a sample, as PyTorch has it.
template <class T>
void move_statistics(const PlanStep& step, const Pass<T>& pass, const UnitNumbers<T>& numbers,
                     std::size_t rows) {
  const T momentum = static_cast<T>(kBatchNormMomentum);
  const T of_sample = rows < 2 ? T(1) : static_cast<T>(rows) / static_cast<T>(rows - 1);
  T* const first = pass.training->statistics;
  const Slot& mean = pass.slot(step, kMean);
  const Slot& variance = pass.slot(step, kVariance);
  T* const moving_mean = first + (mean.offset - pass.spec.n_trained());
  T* const moving_variance = first + (variance.offset - pass.spec.n_trained());
  for (std::size_t j = 0; j < mean.size; ++j) {
    moving_mean[j] += momentum * (numbers.mean[j] - moving_mean[j]);
    moving_variance[j] += momentum * (of_sample * numbers.variance[j] - moving_variance[j]);
  }
}

/// y = (x - mean) * inverse * gamma + beta; what is multiplied with gamma takes the place of x.
template <class T>
void normalise(const PlanStep& step, const Pass<T>& pass, const T* mean, const T* inverse) {
  const MatrixView<T> x = units_of(step, pass, *step.input);
  const MatrixView<T> y = units_of(step, pass, step.through());
  const T* gamma = pass.parameters + pass.slot(step, kGamma).offset;
  const T* beta = pass.parameters + pass.slot(step, kBeta).offset;
  run_in_parts(pass.team, x.rows(), x.rows() * x.cols(), [&](std::size_t begin, std::size_t end) {
    kernels::table<T>().normalise({{x.row(begin).data(), x.row_stride()},
                                   {y.row(begin).data(), y.row_stride()},
                                   end - begin,
                                   x.cols(),
                                   mean,
                                   inverse,
                                   gamma,
                                   beta});
  });
}

/// By the moving statistics.
template <class T>
void predict(const PlanStep& step, const Pass<T>& pass) {
  const UnitNumbers<T> numbers(step, pass);
  const Slot& variance = pass.slot(step, kVariance);
  invert(pass.parameters + variance.offset, variance.size, numbers.inverse);
  normalise<T>(step, pass, pass.parameters + pass.slot(step, kMean).offset, numbers.inverse);
}

template <class T>
void train(const PlanStep& step, const Pass<T>& pass) {
  const UnitNumbers<T> numbers(step, pass);
  const MatrixView<T> x = units_of(step, pass, *step.input);
  for_columns(pass, x, [&](std::size_t first, std::size_t n) {
    kernels::table<T>().column_moments({x.data() + first, x.row_stride()}, x.rows(), n,
                                       numbers.mean + first, numbers.variance + first);
  });
  invert(numbers.variance, x.cols(), numbers.inverse);
  if (pass.training->statistics != nullptr) move_statistics(step, pass, numbers, x.rows());
  normalise<T>(step, pass, numbers.mean, numbers.inverse);
}

/// Whether the batch's own moments normalise it.
template <class T>
bool goes_by_batch(const PlanStep& step, const Pass<T>& pass) {
  return pass.training != nullptr && !pass.node(step).is_frozen();
}

/// Where moving statistics normalise, which do not depend on x.
template <class T>
void take_back_moving(const PlanStep& step, const Pass<T>& pass) {
  const UnitNumbers<T> numbers(step, pass);
  const MatrixView<T> x = units_of(step, pass, *step.input);
  const MatrixView<T> delta = units_of(step, pass, step.through());
  const Slot &gamma = pass.slot(step, kGamma), &beta = pass.slot(step, kBeta);
  T* const by_gamma = std::fill_n(pass.gradient + gamma.offset, gamma.size, T(0)) - gamma.size;
  T* const by_beta = std::fill_n(pass.gradient + beta.offset, beta.size, T(0)) - beta.size;
  for (std::size_t i = 0; i < x.rows(); ++i) {
    for (std::size_t j = 0; j < x.cols(); ++j) {
      by_gamma[j] += delta(i, j) * x(i, j);
      by_beta[j] += delta(i, j);
      x(i, j) = pass.parameters[gamma.offset + j] * numbers.inverse[j] * delta(i, j);
    }
  }
}

}  // namespace

template <class T>
void run_batch_norm(const PlanStep& step, const Pass<T>& pass) {
  goes_by_batch(step, pass) ? train(step, pass) : predict(step, pass);
  activate<T>(*step.activation, pass.values(step.through()), pass.output(step), pass.team);
}

template <class T>
void run_batch_norm_back(const PlanStep& step, const Pass<T>& pass) {
  join_derivative(step, pass);
  if (pass.node(step).is_frozen()) return take_back_moving(step, pass);
  const UnitNumbers<T> numbers(step, pass);
  const MatrixView<T> x = units_of(step, pass, *step.input);
  const MatrixView<T> delta = units_of(step, pass, step.through());
  const Slot& gamma = pass.slot(step, kGamma);
  const Slot& beta = pass.slot(step, kBeta);
  for_columns(pass, x, [&](std::size_t first, std::size_t n) {
    kernels::table<T>().normalise_back({{delta.data() + first, delta.row_stride()},
                                        {x.data() + first, x.row_stride()},
                                        x.rows(),
                                        n,
                                        numbers.inverse + first,
                                        pass.parameters + gamma.offset + first,
                                        pass.gradient + gamma.offset + first,
                                        pass.gradient + beta.offset + first});
  });
}

template void run_batch_norm<float>(const PlanStep&, const Pass<float>&);
template void run_batch_norm<double>(const PlanStep&, const Pass<double>&);
template void run_batch_norm_back<float>(const PlanStep&, const Pass<float>&);
template void run_batch_norm_back<double>(const PlanStep&, const Pass<double>&);

}  // namespace skarma
