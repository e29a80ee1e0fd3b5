// What skarma computes, formula by formula. Samples are rows: x has the shape (rows, features), and
// a layer is f(x W + b) with W of shape (inputs, outputs). Nothing here is fast, or fused.
#include <skarma/core/reference/network_formulas.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include <armadillo>

#include <skarma/core/kernels/blas_threads.hpp>

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
Mat<T> activated(kernels::ActivationKernel f, const Mat<T>& z) {
  Mat<T> a = z;
  switch (f) {
    case kernels::kIdentity:
      return z;
    case kernels::kLogistic:
      return 1 / (1 + arma::exp(-z));
    case kernels::kTanh:
      return arma::tanh(z);
    case kernels::kRelu:
      return a.transform([](T v) { return v < 0 ? T(0) : v; });
    case kernels::kExp:
      return arma::exp(z);
    case kernels::kGelu:
      return z % normal_cdf(z);
    case kernels::kGeluTanh:
      return z % (1 + arma::tanh(gelu_tanh_argument(z))) / 2;
    case kernels::kSilu:
      return z / (1 + arma::exp(-z));
    case kernels::kActivationKernels:
      break;
  }
  throw std::logic_error("an activation without a formula");
}

/// f'(z) where a = f(z).
template <class T>
Mat<T> derivative(kernels::ActivationKernel f, const Mat<T>& z, Mat<T> a) {
  switch (f) {
    case kernels::kIdentity:
      return a.ones();
    case kernels::kLogistic:
      return a % (1 - a);
    case kernels::kTanh:
      return 1 - arma::square(a);
    case kernels::kRelu:
      return a.transform([](T v) { return v == 0 ? T(0) : T(1); });
    case kernels::kExp:
      return a;
    case kernels::kGelu:
      return normal_cdf(z) +
             z % arma::exp(-arma::square(z) / 2) / T(std::sqrt(2 * arma::datum::pi));
    case kernels::kGeluTanh: {
      const Mat<T> tanh = arma::tanh(gelu_tanh_argument(z));
      const Mat<T> slope = kGeluTanhScale<T> * (1 + 3 * T(0.044715) * arma::square(z));
      return (1 + tanh) / 2 + z % (1 - arma::square(tanh)) % slope / 2;
    }
    case kernels::kSilu: {
      const Mat<T> s = 1 / (1 + arma::exp(-z));
      return s % (1 + z % (1 - s));
    }
    case kernels::kActivationKernels:
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
  return loss.elementwise_link ? activated(*loss.elementwise_link, z) : softmax(z);
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
  switch (loss.kernel) {
    case kernels::kSoftmaxLog:
      return {sum(-y % arma::log(clipped(output))), residual};
    case kernels::kLogisticLog: {
      const arma::mat q = clipped(Mat<T>(1 - output));
      return {sum(-y % arma::log(clipped(output)) - (1 - y) % arma::log(q)), residual};
    }
    case kernels::kSquaredError:
      return {arma::mean(arma::square(y - p) / 2, 1), residual};
    case kernels::kPoisson:
      return {sum(poisson_deviance(y, p)), residual};
    case kernels::kHuber: {
      arma::mat losses = arma::square(size) / 2;
      const arma::uvec far = arma::find(size > 1);
      losses.elem(far) = size.elem(far) - 0.5;
      return {sum(losses), arma::clamp(residual, T(-1), T(1))};
    }
    case kernels::kAbsoluteError:
      return {sum(size), arma::sign(residual)};
    case kernels::kLossKernels:
      break;
  }
  throw std::logic_error("a loss without a formula");
}

/// The two slots of a dense node.
template <class T>
Mat<T> weights_of(const Node& dense, std::span<const T> parameters) {
  const Slot& coefs = dense.slots[0];
  return from_rows(&parameters[coefs.offset], coefs.size / dense.units, dense.units);
}
template <class T>
arma::Row<T> bias_of(const Node& dense, std::span<const T> parameters) {
  return arma::Row<T>(&parameters[dense.slots[1].offset], dense.units);
}

/// The values of every node.
template <class T>
std::vector<Mat<T>> forward(const NetworkSpec& spec, std::span<const T> parameters, Mat<T> x) {
  std::vector<Mat<T>> values;
  for (const Node& node : spec.nodes()) {
    switch (node.operation) {
      case Operation::input:
        values.push_back(x);
        break;
      case Operation::dense: {
        Mat<T> z = values[node.reads] * weights_of(node, parameters);
        z.each_row() += bias_of(node, parameters);
        values.push_back(z);
        break;
      }
      case Operation::activation:
        values.push_back(activated(node.activation->kernel, values[node.reads]));
        break;
    }
  }
  return values;
}

}  // namespace

template <class T>
LossAndGradient<T> loss_and_gradient(const NetworkSpec& spec, std::span<const T> parameters,
                                     const Matrix<T>& x, const Targets<T>& targets) {
  const kernels::SingleThreadedBlas guard;
  const auto values = forward(spec, parameters, from_rows(x.data(), x.rows(), x.cols()));
  auto [losses, delta] = loss_of_rows(spec.loss(), linked(spec.loss(), values.back()), targets);
  if (!targets.weights.empty()) {
    const arma::Col<T> weights(targets.weights);
    delta.each_col() %= weights;
    losses %= arma::conv_to<arma::vec>::from(weights);
  }
  LossAndGradient<T> sums{arma::accu(losses), std::vector<T>(parameters.size())};
  std::vector<Mat<T>> deltas(values.size());  // the derivative of the loss by each node's values
  deltas.back() = delta;
  for (std::size_t i = values.size() - 1; i > 0; --i) {
    const Node& node = spec.nodes()[i];
    const Mat<T>& input = values[node.reads];
    if (node.operation == Operation::dense) {
      to_rows<T>(input.t() * deltas[i], &sums.gradient[node.slots[0].offset]);
      to_rows<T>(arma::sum(deltas[i], 0), &sums.gradient[node.slots[1].offset]);
      deltas[node.reads] = deltas[i] * weights_of(node, parameters).t();
    } else {
      deltas[node.reads] = deltas[i] % derivative(node.activation->kernel, input, values[i]);
    }
  }
  return sums;
}

template <class T>
Matrix<T> outputs(const NetworkSpec& spec, std::span<const T> parameters, const Matrix<T>& x) {
  const kernels::SingleThreadedBlas guard;
  const auto values = forward(spec, parameters, from_rows(x.data(), x.rows(), x.cols()));
  Matrix<T> result(x.rows(), spec.n_outputs());
  if (x.rows() > 0) to_rows(linked(spec.loss(), values.back()), result.data());
  return result;
}

template LossAndGradient<float> loss_and_gradient<float>(const NetworkSpec&, std::span<const float>,
                                                         const Matrix<float>&,
                                                         const Targets<float>&);
template LossAndGradient<double> loss_and_gradient<double>(const NetworkSpec&,
                                                           std::span<const double>,
                                                           const Matrix<double>&,
                                                           const Targets<double>&);
template Matrix<float> outputs<float>(const NetworkSpec&, std::span<const float>,
                                      const Matrix<float>&);
template Matrix<double> outputs<double>(const NetworkSpec&, std::span<const double>,
                                        const Matrix<double>&);

}  // namespace skarma::reference
