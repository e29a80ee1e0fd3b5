#include <skarma/core/cpu/output_delta.hpp>

#include <algorithm>
#include <span>
#include <vector>

#include <skarma/core/kernels/dispatch.hpp>

namespace skarma {
namespace {

/// From the derivatives by the outputs of a row to those by z.
void take_behind_link(const Link& link, std::span<const double> outputs, std::span<double> delta) {
  if (!link.elementwise) {  // softmax
    double mean = 0.0;
    for (std::size_t j = 0; j < delta.size(); ++j) mean += outputs[j] * delta[j];
    for (std::size_t j = 0; j < delta.size(); ++j) delta[j] = outputs[j] * (delta[j] - mean);
    return;
  }
  const auto function = *link.elementwise;
  if (function == kIdentity) return;
  for (std::size_t j = 0; j < delta.size(); ++j) {
    delta[j] *= function == kLogistic ? outputs[j] * (1.0 - outputs[j]) : outputs[j];
  }
}

template <class T>
double custom_delta(const LossChoice& loss, const kernels::OutputBatch<T>& batch,
                    T* bias_gradient) {
  link_outputs<T>(loss.row->link, batch.bias, batch.rows, batch.units, batch.output);
  std::vector<double> outputs(batch.units), targets(batch.units), delta(batch.units),
      bias(batch.units);
  double sum = 0.0;
  for (std::size_t i = 0; i < batch.rows; ++i) {
    T* const row = batch.output + i * batch.units;
    const double weight = batch.weights == nullptr ? 1.0 : static_cast<double>(batch.weights[i]);
    std::copy_n(row, batch.units, outputs.begin());
    std::copy_n(batch.targets + i * batch.units, batch.units, targets.begin());
    sum += weight * loss.custom->value(outputs, targets);
    std::ranges::fill(delta, 0.0);
    loss.custom->derivative(outputs, targets, delta);
    take_behind_link(loss.row->link, outputs, delta);
    for (std::size_t j = 0; j < batch.units; ++j) {
      row[j] = static_cast<T>(weight * delta[j]);
      bias[j] += weight * delta[j];
    }
  }
  std::ranges::transform(bias, bias_gradient, [](double v) { return static_cast<T>(v); });
  return sum;
}

}  // namespace

template <class T>
void link_outputs(const Link& link, const T* bias, std::size_t rows, std::size_t units, T* z) {
  const auto& kernels = kernels::table<T>();
  if (link.elementwise) {
    kernels.bias_activate[*link.elementwise]({z, units}, bias, rows, units, T(0));
  } else {
    kernels.bias_link[link.rows](z, bias, rows, units);
  }
}

template <class T>
double output_delta(const LossChoice& loss, const kernels::OutputBatch<T>& batch,
                    T* bias_gradient) {
  if (loss.custom) return custom_delta(loss, batch, bias_gradient);
  const double sum = kernels::table<T>().output_delta[loss.row->function](batch, bias_gradient);
  if (!loss.mean_factor) return sum;
  const T factor = static_cast<T>(loss.delta_factor(batch.units));
  for (T& v : std::span(batch.output, batch.rows * batch.units)) v *= factor;
  for (T& v : std::span(bias_gradient, batch.units)) v *= factor;
  return loss.value_factor(batch.units) * sum;
}

template void link_outputs<float>(const Link&, const float*, std::size_t, std::size_t, float*);
template void link_outputs<double>(const Link&, const double*, std::size_t, std::size_t, double*);
template double output_delta<float>(const LossChoice&, const kernels::OutputBatch<float>&, float*);
template double output_delta<double>(const LossChoice&, const kernels::OutputBatch<double>&,
                                     double*);

}  // namespace skarma
