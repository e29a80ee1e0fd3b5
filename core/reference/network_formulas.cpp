// What skarma computes, formula by formula. Samples are rows: x has the shape (rows, features), and
// a layer is f(x W + b) with W of shape (inputs, outputs). Nothing here is fast, or fused.
#include <skarma/core/reference/network_formulas.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include <armadillo>

#include <skarma/core/kernels/blas_threads.hpp>
#include <skarma/core/kernels/philox.hpp>

namespace skarma::reference {
namespace {

template <class T>
using Mat = arma::Mat<T>;

/// Our matrices go row by row, Armadillo's column by column.
template <class T>
Mat<T> from_rows(const T* values, std::size_t rows, std::size_t cols) {
  return Mat<T>(values, cols, rows).t();
}

template <class T>
void to_rows(const Mat<T>& matrix, T* values) {
  const Mat<T> columns = matrix.t();
  std::copy(columns.begin(), columns.end(), values);
}

/// The standard normal distribution's.
template <class T>
Mat<T> normal_cdf(Mat<T> z) {
  return z.transform([](T v) { return std::erfc(-v / std::sqrt(T(2))) / 2; });
}

template <class T>
const T kGeluTanhScale = static_cast<T>(std::sqrt(2 / arma::datum::pi));

template <class T>
Mat<T> gelu_tanh_argument(const Mat<T>& z) {
  return kGeluTanhScale<T> * (z + T(0.044715) * arma::pow(z, 3));
}

template <class T>
Mat<T> softplus(Mat<T> z) {
  return z.transform([](T v) { return std::max(v, T(0)) + std::log1p(std::exp(-std::abs(v))); });
}

/// What z times a share of z between 0 and 1 is computed from. Below -100 nothing is left of z:
/// infinity times 0 would be NaN.
template <class T>
Mat<T> not_below(const Mat<T>& z) {
  return arma::clamp(z, T(-100), std::numeric_limits<T>::infinity());
}

template <class T>
Mat<T> activated(const Activation& activation, const Mat<T>& z) {
  Mat<T> a = z;
  const Mat<T> x = not_below(z);
  const auto number = static_cast<T>(activation.number);
  switch (activation.function) {
    case kIdentity:
      return z;
    case kLogistic:
      return 1 / (1 + arma::exp(-z));
    case kTanh:
      return arma::tanh(z);
    case kRelu:
      return a.transform([](T v) { return v < 0 ? T(0) : v; });
    case kExp:
      return arma::exp(z);
    case kGelu:
      return x % normal_cdf(x);
    case kGeluTanh:
      return x % (1 + arma::tanh(gelu_tanh_argument(x))) / 2;
    case kSilu:
      return x / (1 + arma::exp(-x));
    case kMish:
      return x % arma::tanh(softplus(x));
    case kLeakyRelu:
      return a.transform([=](T v) {  // 0 may not meet an infinity
        return v < 0 ? number * std::max(v, std::numeric_limits<T>::lowest()) : v;
      });
    case kElu:
      return a.transform([=](T v) { return v > 0 ? v : number * std::expm1(v); });
    case kSelu:
      return a.transform(
          [](T v) { return v > 0 ? T(kSeluScale) * v : T(kSeluAlphaScale) * std::expm1(v); });
    case kSoftplus:
      return softplus(z);
    case kSoftsign:
      return a.transform(
          [](T v) { return std::isinf(v) ? std::copysign(T(1), v) : v / (1 + std::abs(v)); });
    case kHardTanh:
      return arma::clamp(z, T(-1), T(1));
    case kHeaviside:
      return a.transform([](T v) { return v < 0 ? T(0) : v >= 0 ? T(1) : v; });
    case kActivationFunctions:
      break;
  }
  throw std::logic_error("an activation without a formula");
}

/// f'(z) where a = f(z).
template <class T>
Mat<T> derivative(const Activation& activation, const Mat<T>& z, Mat<T> a) {
  const auto number = static_cast<T>(activation.number);
  switch (activation.function) {
    case kIdentity:
      return a.ones();
    case kLogistic:
      return a % (1 - a);
    case kTanh:
      return 1 - arma::square(a);
    case kRelu:
      return a.transform([](T v) { return v == 0 ? T(0) : T(1); });
    case kExp:
      return a;
    case kGelu:
      return normal_cdf(z) +
             z % arma::exp(-arma::square(z) / 2) / T(std::sqrt(2 * arma::datum::pi));
    case kGeluTanh: {
      const Mat<T> tanh = arma::tanh(gelu_tanh_argument(z));
      const Mat<T> slope = kGeluTanhScale<T> * (1 + 3 * T(0.044715) * arma::square(z));
      return (1 + tanh) / 2 + z % (1 - arma::square(tanh)) % slope / 2;
    }
    case kSilu: {
      const Mat<T> s = 1 / (1 + arma::exp(-z));
      return s % (1 + z % (1 - s));
    }
    case kMish: {
      const Mat<T> tanh = arma::tanh(softplus(z));
      return tanh + z % (1 - arma::square(tanh)) / (1 + arma::exp(-z));
    }
    case kLeakyRelu:
      return a.transform([=](T v) { return v > 0 ? T(1) : number; });
    case kElu:
      return a.transform([=](T v) { return v > 0 ? T(1) : v + number; });
    case kSelu:
      return a.transform([](T v) { return v > 0 ? T(kSeluScale) : v + T(kSeluAlphaScale); });
    case kSoftplus:
      return 1 / (1 + arma::exp(-z));
    case kSoftsign:
      return 1 / arma::square(1 + arma::abs(z));
    case kHardTanh:
      return a.transform([](T v) { return std::abs(v) < 1 ? T(1) : T(0); });
    case kHeaviside:
      return a.zeros();
    case kActivationFunctions:
      break;
  }
  throw std::logic_error("an activation without a derivative");
}

template <class T>
Mat<T> softmax(Mat<T> z) {
  z.each_col() -= arma::max(z, 1).eval();
  z = arma::exp(z);
  z.each_col() /= arma::sum(z, 1).eval();
  return z;
}

template <class T>
Mat<T> linked(const Loss& loss, const Mat<T>& z) {
  return loss.elementwise_link ? activated(Activation{loss.link, *loss.elementwise_link}, z)
                               : softmax(z);
}

/// The loss of each row, and its derivative by z, the product of the last layer with its bias.
template <class T>
struct LossOfRows {
  arma::vec values;
  Mat<T> delta;
};

/// Targets as the outputs should be: 0 and 1 where there are classes.
template <class T>
Mat<T> target_matrix(const Targets<T>& targets) {
  if (targets.codes.empty()) {
    return from_rows(targets.values.data(), targets.n_samples(), targets.n_outputs);
  }
  Mat<T> y(targets.codes.size(), targets.n_outputs);
  for (arma::uword i = 0; i < y.n_rows; ++i) y(i, static_cast<arma::uword>(targets.codes[i])) = 1;
  return y;
}

/// Probabilities away from 0 and 1 by the epsilon of their type, as the logarithm wants them.
template <class T>
arma::mat clipped(const Mat<T>& p) {
  constexpr T epsilon = std::numeric_limits<T>::epsilon();
  return arma::conv_to<arma::mat>::from(arma::clamp(p, epsilon, 1 - epsilon));
}

arma::mat poisson_deviance(const arma::mat& y, const arma::mat& p) {
  arma::mat y_log = y % arma::log(y / p);
  y_log.elem(arma::find(y == 0)).zeros();  // 0 log 0 = 0
  return y_log - y + p;
}

template <class T>
LossOfRows<T> loss_of_rows(const Loss& loss, const Mat<T>& output, const Targets<T>& targets) {
  const Mat<T> target = target_matrix(targets);
  const Mat<T> residual = output - target;
  const auto y = arma::conv_to<arma::mat>::from(target);
  const auto p = arma::conv_to<arma::mat>::from(output);
  const arma::mat size = arma::abs(p - y);
  const auto sum = [](const arma::mat& losses) -> arma::vec { return arma::sum(losses, 1); };
  switch (loss.function) {
    case kSoftmaxLog:
      return {sum(-y % arma::log(clipped(output))), residual};
    case kLogisticLog: {
      const arma::mat q = clipped(Mat<T>(1 - output));
      return {sum(-y % arma::log(clipped(output)) - (1 - y) % arma::log(q)), residual};
    }
    case kSquaredError:
      return {arma::mean(arma::square(y - p) / 2, 1), residual};
    case kPoisson:
      return {sum(poisson_deviance(y, p)), residual};
    case kHuber: {
      arma::mat losses = arma::square(size) / 2;
      const arma::uvec far = arma::find(size > 1);
      losses.elem(far) = size.elem(far) - 0.5;
      return {sum(losses), arma::clamp(residual, T(-1), T(1))};
    }
    case kAbsoluteError:
      return {sum(size), arma::sign(residual)};
    case kLogCosh:
      return {sum(size + arma::log1p(arma::exp(-2 * size)) - std::log(2.0)), arma::tanh(residual)};
    case kLossFunctions:
      break;
  }
  throw std::logic_error("a loss without a formula");
}

// ---- nodes ------------------------------------------------------------------------------------

template <class T>
arma::Row<T> row_of(const Slot& slot, std::span<const T> parameters) {
  return arma::Row<T>(&parameters[slot.offset], slot.size);
}

/// Of a dense node.
template <class T>
Mat<T> weights_of(const Node& dense, std::span<const T> parameters) {
  const Slot& coefs = dense.slots[0];
  return from_rows(&parameters[coefs.offset], coefs.size / dense.units, dense.units);
}

/// What a network computes from, and whether it trains (else null).
template <class T>
struct Numbers {
  const NetworkSpec& spec;
  std::span<const T> parameters;
  const TrainingMode<T>* training;
};

/// The mean of each column and the mean of the squared distances from it.
template <class T>
struct Moments {
  arma::Row<T> mean, variance;
  explicit Moments(const Mat<T>& x) : mean(arma::mean(x, 0)), variance(arma::var(x, 1, 0)) {}
};

/// Batch normalisation (Ioffe and Szegedy, ICML 2015): by the moments of the batch in training, by
/// moving ones otherwise.
template <class T>
Mat<T> batch_normalised(const Node& node, const Numbers<T>& numbers, Mat<T> x) {
  const auto slot = [&](std::size_t i) { return row_of(node.slots[i], numbers.parameters); };
  arma::Row<T> mean = slot(2), variance = slot(3);
  if (numbers.training != nullptr) {
    const Moments<T> moments(x);
    mean = moments.mean;
    variance = moments.variance;
  }
  x.each_row() -= mean;
  x.each_row() /= arma::sqrt(variance + T(kBatchNormEpsilon)).eval();
  x.each_row() %= slot(0);
  x.each_row() += slot(1);
  return x;
}

/// Moves the statistics after a batch; the variance as that of a sample.
template <class T>
void move_statistics(const Node& node, const Numbers<T>& numbers, const Mat<T>& x) {
  if (numbers.training->statistics == nullptr) return;
  const Moments<T> moments(x);
  const T n = static_cast<T>(x.n_rows), m = T(kBatchNormMomentum);
  const auto moving = [&](std::size_t i) {
    const Slot& slot = node.slots[i];
    T* first = numbers.training->statistics + (slot.offset - numbers.spec.n_trained());
    return arma::Row<T>(first, slot.size, false, true);
  };
  arma::Row<T> mean = moving(2), variance = moving(3);
  mean = (1 - m) * mean + m * moments.mean;
  variance = (1 - m) * variance + m * moments.variance * (n > 1 ? n / (n - 1) : T(1));
}

/// The derivatives by gamma, beta and x. The last comes by the normalised x, by the variance and by
/// the mean.
template <class T>
Mat<T> batch_norm_delta(const Node& node, std::span<const T> parameters, const Mat<T>& x,
                        const Mat<T>& delta, std::vector<T>& gradient) {
  const Moments<T> moments(x);
  const T n = static_cast<T>(x.n_rows);
  const arma::Row<T> deviation = arma::sqrt(moments.variance + T(kBatchNormEpsilon));
  Mat<T> distance = x, by_normalised = delta;
  distance.each_row() -= moments.mean;
  Mat<T> normalised = distance;
  normalised.each_row() /= deviation;
  to_rows<T>(arma::sum(delta % normalised, 0), &gradient[node.slots[0].offset]);
  to_rows<T>(arma::sum(delta, 0), &gradient[node.slots[1].offset]);
  by_normalised.each_row() %= row_of(node.slots[0], parameters);
  const arma::Row<T> by_variance =
      -arma::sum(by_normalised % distance, 0) / (2 * arma::pow(deviation, 3));
  const arma::Row<T> by_mean = -arma::sum(by_normalised, 0) / deviation;
  Mat<T> by_x = by_normalised;
  by_x.each_row() /= deviation;
  distance.each_row() %= by_variance;
  by_x += 2 * distance / n;
  by_x.each_row() += by_mean / n;
  return by_x;
}

/// Dropout (Srivastava et al., JMLR 15, 2014), 0 or 1 / (1 - rate) for each element.
template <class T>
Mat<T> dropout_mask(std::size_t number, const Numbers<T>& numbers, arma::uword rows) {
  const Node& node = numbers.spec.nodes()[number];
  const double kept = std::min((1 - node.rate) * 0x1p32, 0x1p32 - 1);
  Mat<T> mask(rows, node.units);
  for (arma::uword i = 0; i < rows; ++i) {
    for (arma::uword j = 0; j < node.units; ++j) {
      const auto [a, b, c, d] = kernels::dropout_words(
          numbers.training->seed, numbers.training->step, static_cast<std::uint32_t>(number),
          static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(j / 4));
      const std::uint32_t words[] = {a, b, c, d};
      mask(i, j) = words[j % 4] < std::floor(kept) ? static_cast<T>(1 / (1 - node.rate)) : T(0);
    }
  }
  return mask;
}

/// The values of a node, where those before it are known.
template <class T>
Mat<T> value_of(std::size_t number, const Numbers<T>& numbers, const std::vector<Mat<T>>& values) {
  const Node& node = numbers.spec.nodes()[number];
  const Mat<T>& x = values[node.reads[0]];
  switch (node.operation) {
    case Operation::dense: {
      Mat<T> z = x * weights_of(node, numbers.parameters);
      z.each_row() += row_of(node.slots[1], numbers.parameters);
      return z;
    }
    case Operation::activation:
      return activated(*node.activation, x);
    case Operation::batch_norm:
      return batch_normalised(node, numbers, x);
    case Operation::dropout:
      if (numbers.training == nullptr) return x;
      return x % dropout_mask(number, numbers, x.n_rows);
    case Operation::add:
      return x + values[node.reads[1]];
    case Operation::input:
    case Operation::count:
      break;
  }
  throw std::logic_error("an operation without a formula");
}

/// The values of every node.
template <class T>
std::vector<Mat<T>> forward(const Numbers<T>& numbers, const Mat<T>& x) {
  std::vector<Mat<T>> values{x};
  while (values.size() < numbers.spec.nodes().size()) {
    values.push_back(value_of(values.size(), numbers, values));
  }
  return values;
}

/// Of `delta`, the derivative of the loss by a node's values: the one by what the node reads, and
/// in `gradient` those by its parameters.
template <class T>
Mat<T> delta_of_input(std::size_t number, const Numbers<T>& numbers,
                      const std::vector<Mat<T>>& values, const Mat<T>& delta,
                      std::vector<T>& gradient) {
  const Node& node = numbers.spec.nodes()[number];
  const Mat<T>& x = values[node.reads[0]];
  switch (node.operation) {
    case Operation::dense:
      to_rows<T>(x.t() * delta, &gradient[node.slots[0].offset]);
      if (node.slots[1].trained) to_rows<T>(arma::sum(delta, 0), &gradient[node.slots[1].offset]);
      return delta * weights_of(node, numbers.parameters).t();
    case Operation::activation:
      return delta % derivative(*node.activation, x, values[number]);
    case Operation::batch_norm:
      return batch_norm_delta(node, numbers.parameters, x, delta, gradient);
    case Operation::dropout:
      return delta % dropout_mask(number, numbers, x.n_rows);
    case Operation::add:
      return delta;
    case Operation::input:
    case Operation::count:
      break;
  }
  throw std::logic_error("an operation without a derivative");
}

}  // namespace

template <class T>
LossAndGradient<T> loss_and_gradient(const NetworkSpec& spec, std::span<const T> parameters,
                                     const Matrix<T>& x, const Targets<T>& targets,
                                     const TrainingMode<T>& training) {
  const kernels::SingleThreadedBlas guard;
  const Numbers<T> numbers{spec, parameters, &training};
  const auto values = forward(numbers, from_rows(x.data(), x.rows(), x.cols()));
  auto [losses, delta] = loss_of_rows(spec.loss(), linked(spec.loss(), values.back()), targets);
  if (!targets.weights.empty()) {
    const arma::Col<T> weights(targets.weights);
    delta.each_col() %= weights;
    losses %= arma::conv_to<arma::vec>::from(weights);
  }
  LossAndGradient<T> sums{arma::accu(losses), std::vector<T>(spec.n_trained())};
  std::vector<Mat<T>> deltas(values.size());  // the derivative of the loss by each node's values
  deltas.back() = delta;
  for (std::size_t i = values.size() - 1; i > 0; --i) {
    const Node& node = spec.nodes()[i];
    const Mat<T> by_input = delta_of_input(i, numbers, values, deltas[i], sums.gradient);
    for (const std::size_t read : node.reads) {
      deltas[read] = deltas[read].is_empty() ? by_input : deltas[read] + by_input;
    }
    if (node.operation == Operation::batch_norm) {
      move_statistics(node, numbers, values[node.reads[0]]);
    }
  }
  return sums;
}

template <class T>
Matrix<T> outputs(const NetworkSpec& spec, std::span<const T> parameters, const Matrix<T>& x) {
  const kernels::SingleThreadedBlas guard;
  const auto values =
      forward<T>({spec, parameters, nullptr}, from_rows(x.data(), x.rows(), x.cols()));
  Matrix<T> result(x.rows(), spec.n_outputs());
  if (x.rows() > 0) to_rows(linked(spec.loss(), values.back()), result.data());
  return result;
}

template LossAndGradient<float> loss_and_gradient<float>(const NetworkSpec&, std::span<const float>,
                                                         const Matrix<float>&,
                                                         const Targets<float>&,
                                                         const TrainingMode<float>&);
template LossAndGradient<double> loss_and_gradient<double>(const NetworkSpec&,
                                                           std::span<const double>,
                                                           const Matrix<double>&,
                                                           const Targets<double>&,
                                                           const TrainingMode<double>&);
template Matrix<float> outputs<float>(const NetworkSpec&, std::span<const float>,
                                      const Matrix<float>&);
template Matrix<double> outputs<double>(const NetworkSpec&, std::span<const double>,
                                        const Matrix<double>&);

}  // namespace skarma::reference
