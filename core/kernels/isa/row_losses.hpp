#pragma once

#include <skarma/core/kernels/isa/losses.hpp>

// Losses of whole rows of outputs.

namespace skarma::kernels {
namespace {

/// One row of outputs: its loss, and in their place the derivatives by W a + b.
template <class T>
struct OutputRow {
  T* output;
  size_t units;
  size_t code;       // the class of the row, where the loss is of classes
  const T* targets;  // (units) otherwise
  const double* numbers;
};

struct RowOfClasses {
  static constexpr bool is_of_classes = true;
};

struct SmoothedSoftmaxLog : RowOfClasses {
  static constexpr auto link = kSoftmaxLink;
  template <class T>
  static double loss_and_delta(const OutputRow<T>& row) {
    const double share = *row.numbers, others = share / static_cast<double>(row.units);
    double total = 0.0;
    for (size_t j = 0; j < row.units; ++j) {
      const double target = j == row.code ? 1.0 - share + others : others;
      total += target * surprise(row.output[j]);
      row.output[j] -= static_cast<T>(target);
    }
    return total;
  }
};

/// The margin of the right class is from the largest score of another.
template <int power>
struct Hinge : RowOfClasses {
  static constexpr auto link = kPlainLink;
  template <class T>
  static double loss_and_delta(const OutputRow<T>& row) {
    T* z = row.output;
    size_t best = row.code == 0 ? 1 : 0;
    for (size_t j = best + 1; j < row.units; ++j) {
      if (j != row.code && z[j] > z[best]) best = j;
    }
    const T lack = row.units == 1 ? T(0) : T(1) + z[best] - z[row.code];
    for (size_t j = 0; j < row.units; ++j) z[j] = lack == lack ? T(0) : lack;
    z[row.code] = hinge_slope<power>(lack);
    if (row.units > 1) z[best] = -z[row.code];
    return hinge_loss<power>(lack);
  }
};

struct Focal : RowOfClasses {
  static constexpr auto link = kSoftmaxLink;
  template <class T>
  static double loss_and_delta(const OutputRow<T>& row) {
    const T p = row.output[row.code];
    const T slope = static_cast<T>(focal_slope(p, *row.numbers));
    for (size_t j = 0; j < row.units; ++j) {
      row.output[j] = slope * ((j == row.code ? T(1) : T(0)) - row.output[j]);
    }
    return focal_loss(p, *row.numbers);
  }
};

struct SoftmaxSquared : RowOfClasses {
  static constexpr auto link = kSoftmaxLink;
  template <class T>
  static double loss_and_delta(const OutputRow<T>& row) {
    const auto residual = [&](size_t j) { return row.output[j] - (j == row.code ? T(1) : T(0)); };
    double total = 0.0;
    T mean = T(0);
    for (size_t j = 0; j < row.units; ++j) {
      const double r = static_cast<double>(residual(j));
      total += 0.5 * (r * r);
      mean += residual(j) * row.output[j];
    }
    for (size_t j = 0; j < row.units; ++j) row.output[j] *= residual(j) - mean;
    return total;
  }
};

/// The derivative of a quantile by what it is more than the one before it is that of softplus.
struct Quantile {
  static constexpr auto link = kOrderedLink;
  static constexpr bool is_of_classes = false;
  template <class T>
  static double loss_and_delta(const OutputRow<T>& row) {
    const double share = 1.0 / static_cast<double>(row.units);
    double total = 0.0;
    T by_later = T(0);  // the sum of the derivatives by this quantile and later ones
    for (size_t j = row.units; j-- > 0;) {
      const T q = row.output[j], residual = row.targets[j] - q;
      const double level = row.numbers[j];
      const double slope = residual > T(0) ? level : level - 1.0;
      total += share * (slope * static_cast<double>(residual));
      const T own = residual == T(0) ? T(0) : static_cast<T>(-share * slope);
      by_later += residual != residual ? residual : own;  // NaN stays NaN
      row.output[j] = j == 0 ? by_later : -expm1_of_negative(row.output[j - 1] - q) * by_later;
    }
    return total;
  }
};

/// Losses of whole rows.
template <class L, class T>
double row_delta(const OutputBatch<T>& batch, T* bias_gradient) {
  const size_t units = batch.units;
  if constexpr (L::link == kSoftmaxLink) bias_softmax(batch.output, batch.bias, batch.rows, units);
  if constexpr (L::link == kPlainLink) add_bias(batch.output, batch.bias, batch.rows, units);
  if constexpr (L::link == kOrderedLink) bias_ordered(batch.output, batch.bias, batch.rows, units);
  double total = 0.0;
  for (size_t i = 0; i < batch.rows; ++i) {
    T* output = batch.output + i * units;
    OutputRow<T> row{output, units, 0, nullptr, batch.numbers};
    if constexpr (L::is_of_classes) {
      row.code = static_cast<size_t>(batch.codes[i]);
    } else {
      row.targets = batch.targets + i * units;
    }
    const double loss = L::loss_and_delta(row);
    const T weight = batch.weights != nullptr ? batch.weights[i] : T(1);
    total += static_cast<double>(weight) * loss;
    if (batch.weights == nullptr) continue;
    for (size_t j = 0; j < units; ++j) output[j] *= weight;
  }
  column_sums<T>({batch.output, units}, batch.rows, units, bias_gradient);
  return total;
}

}  // namespace
}  // namespace skarma::kernels
