#include <skarma/core/cpu/network.hpp>

#include <skarma/core/base/internal/check.hpp>
#include <skarma/core/cpu/layers/operations.hpp>
#include <skarma/core/cpu/output_delta.hpp>

namespace skarma {
namespace {

/// Rows of z + bias whose target comes first.
template <class T>
std::size_t count_right(const Batch<T>& batch, MatrixView<const T> z, const T* bias) {
  const std::size_t n = z.cols();
  std::size_t right = 0;
  for (std::size_t i = 0; i < batch.rows; ++i) {
    const T* const row = z.row(i).data();
    bool is_right = true;
    if (batch.codes != nullptr) {
      std::size_t largest = 0;
      for (std::size_t j = 1; j < n; ++j) {
        if (row[j] + bias[j] > row[largest] + bias[largest]) largest = j;
      }
      is_right = static_cast<std::size_t>(batch.codes[i]) == largest;
    } else {
      for (std::size_t j = 0; j < n; ++j) {
        is_right &= (row[j] + bias[j] > T(0)) == (batch.values[i * n + j] > T(0.5));
      }
    }
    right += is_right;
  }
  return right;
}

}  // namespace

template <class T>
Network<T>::Network(const NetworkSpec& spec, std::size_t max_rows, ThreadTeam& team)
    : spec_(spec),
      max_rows_(max_rows),
      team_(&team),
      buffers_(std::make_unique<Buffers<T>>(spec_.plan(), max_rows)) {}

template <class T>
Network<T>::~Network() = default;
template <class T>
Network<T>::Network(Network&&) noexcept = default;
template <class T>
Network<T>& Network<T>::operator=(Network&&) noexcept = default;

/// Runs all steps; the last leaves its product alone, which is returned.
template <class T>
MatrixView<T> Network<T>::run_forward(const Pass<T>& pass) {
  SKARMA_CHECK(pass.rows <= max_rows_);
  const auto& steps = spec_.plan().steps;
  const std::size_t first = pass.training != nullptr ? 0 : first_layer(spec_.plan());
  for (std::size_t i = first; i < steps.size(); ++i) {
    operation_of<T>(steps[i]).forward(steps[i], pass);
  }
  return pass.output(steps.back());
}

template <class T>
std::span<T> Network<T>::forward(const T* parameters, const Inputs<T>& inputs, std::size_t rows) {
  const MatrixView<T> z = run_forward({spec_, *buffers_, *team_, parameters, inputs, rows});
  link_outputs<T>(spec_.loss().link, parameters + spec_.layers().back().intercept, rows, z.cols(),
                  z.data());
  return {z.data(), rows * z.cols()};
}

template <class T>
kernels::DenseRows<T> Network<T>::before_last(const T* parameters, const Inputs<T>& inputs,
                                              std::size_t rows) {
  const Pass<T> pass{spec_, *buffers_, *team_, parameters, inputs, rows};
  run_forward(pass);
  return input_rows(spec_.plan().steps.back(), pass);
}

template <class T>
double Network<T>::loss_and_gradient(const T* parameters, const Batch<T>& batch, T* gradient,
                                     const TrainingMode<T>& training) {
  const Pass<T> pass{spec_,        *buffers_,  *team_,    parameters,
                     batch.inputs, batch.rows, &training, gradient};
  const MatrixView<T> delta = run_forward(pass);
  const LayerPlace& last = spec_.layers().back();
  if (batch.n_right != nullptr) {
    *batch.n_right += count_right<T>(batch, delta, parameters + last.intercept);
  }
  const double loss =
      output_delta<T>(spec_.loss_choice(),
                      {delta.data(), parameters + last.intercept, batch.values, batch.codes,
                       batch.weights, batch.rows, last.outputs, spec_.loss_numbers().data()},
                      gradient + last.intercept);
  const auto& steps = spec_.plan().steps;
  for (std::size_t i = steps.size(); i-- > 0;) operation_of<T>(steps[i]).backward(steps[i], pass);
  return loss;
}

template class Network<float>;
template class Network<double>;

}  // namespace skarma
