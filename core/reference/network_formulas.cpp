// What skarma computes, formula by formula. Samples are rows: x has the shape (rows, features), and
// a layer is f(x W + b) with W of shape (inputs, outputs). Nothing here is fast, or fused.
#include <skarma/core/reference/network_formulas.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>

#include <armadillo>

#include <skarma/core/kernels/blas_threads.hpp>
#include <skarma/core/kernels/philox.hpp>
#include <skarma/core/reference/activation_formulas.hpp>
#include <skarma/core/reference/image_formulas.hpp>
#include <skarma/core/reference/loss_formulas.hpp>

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

/// Rows in which the class has the largest value, or each value has the sign of its label.
template <class T>
std::size_t n_right(const Mat<T>& last, const Targets<T>& targets) {
  const Mat<T> y = target_matrix(targets);
  std::size_t right = 0;
  for (arma::uword i = 0; i < last.n_rows; ++i) {
    const bool has_classes = !targets.codes.empty();
    right += has_classes ? last.row(i).index_max() == y.row(i).index_max()
                         : arma::all((last.row(i) > 0) == (y.row(i) > T(0.5)));
  }
  return right;
}

template <class T>
arma::Row<T> row_of(const Slot& slot, std::span<const T> parameters) {
  return arma::Row<T>(&parameters[slot.offset], slot.size);
}

/// Of a node that has some.
template <class T>
Mat<T> weights_of(const Node& node, std::span<const T> parameters) {
  const Slot &coefs = node.slots[0], &intercepts = node.slots[1];
  return from_rows(&parameters[coefs.offset], coefs.size / intercepts.size, intercepts.size);
}

/// Images as a row of channels for each place of each sample.
template <class T>
Mat<T> places_of(const Mat<T>& images, std::size_t channels) {
  return arma::reshape(images.t(), channels, images.n_elem / channels).t();
}

/// And back.
template <class T>
Mat<T> images_of(const Mat<T>& places, arma::uword n_samples) {
  return arma::reshape(places.t(), places.n_elem / n_samples, n_samples).t();
}

/// What a norm makes equal, a column each: channels of images, or units.
template <class T>
Mat<T> units_of(const Node& norm, const Mat<T>& x) {
  return places_of(x, norm.slots.front().size);
}

/// What a network computes from, and whether it trains (else null).
template <class T>
struct Numbers {
  const NetworkSpec& spec;
  std::span<const T> parameters;
  const TrainingMode<T>* training;
};

/// Whether the batch's own moments normalise it.
template <class T>
bool goes_by_batch(const Node& norm, const Numbers<T>& numbers) {
  return numbers.training != nullptr && !norm.is_frozen();
}

/// The mean of each column and the mean of the squared distances from it.
template <class T>
struct Moments {
  arma::Row<T> mean, variance;
  explicit Moments(const Mat<T>& x) : mean(arma::mean(x, 0)), variance(arma::var(x, 1, 0)) {}
};

/// Batch normalisation (Ioffe and Szegedy, ICML 2015): by the moments of the batch in training, by
/// moving ones otherwise, and where it is frozen.
template <class T>
Mat<T> batch_normalised(const Node& node, const Numbers<T>& numbers, Mat<T> x) {
  const auto slot = [&](std::size_t i) { return row_of(node.slots[i], numbers.parameters); };
  arma::Row<T> mean = slot(2), variance = slot(3);
  if (goes_by_batch(node, numbers)) {
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

/// The derivatives by gamma, beta and x where moving statistics normalise it.
template <class T>
Mat<T> moving_norm_delta(const Node& node, const Numbers<T>& numbers, Mat<T> x, Mat<T> delta,
                         std::vector<T>& gradient) {
  const auto slot = [&](std::size_t i) { return row_of(node.slots[i], numbers.parameters); };
  const arma::Row<T> deviation = arma::sqrt(slot(3) + T(kBatchNormEpsilon));
  x.each_row() -= slot(2);
  x.each_row() /= deviation;
  to_rows<T>(arma::sum(delta % x, 0), &gradient[node.slots[0].offset]);
  to_rows<T>(arma::sum(delta, 0), &gradient[node.slots[1].offset]);
  delta.each_row() %= (slot(0) / deviation).eval();
  return delta;
}

/// Layer normalisation (Ba, Kiros and Hinton, arXiv:1607.06450): by the moments of each row, with
/// the deviation of each.
template <class T>
std::pair<Mat<T>, arma::Col<T>> row_normalised(Mat<T> x) {
  const arma::Col<T> deviation = arma::sqrt(arma::var(x, 1, 1) + T(kLayerNormEpsilon));
  x.each_col() -= arma::mean(x, 1).eval();
  x.each_col() /= deviation;
  return {x, deviation};
}

template <class T>
Mat<T> layer_normalised(const Node& node, const Numbers<T>& numbers, const Mat<T>& x) {
  Mat<T> y = row_normalised(x).first;
  y.each_row() %= row_of(node.slots[0], numbers.parameters);
  y.each_row() += row_of(node.slots[1], numbers.parameters);
  return y;
}

/// The derivatives by gamma, beta and x, the last one row after another: by the Jacobian
/// (I - 1 1'/n - y y'/n) / deviation of the normalised row y.
template <class T>
Mat<T> layer_norm_delta(const Node& node, const Numbers<T>& numbers, const Mat<T>& x,
                        const Mat<T>& delta, std::vector<T>& gradient) {
  const auto [normalised, deviation] = row_normalised(x);
  to_rows<T>(arma::sum(delta % normalised, 0), &gradient[node.slots[0].offset]);
  to_rows<T>(arma::sum(delta, 0), &gradient[node.slots[1].offset]);
  const arma::Row<T> gamma = row_of(node.slots[0], numbers.parameters);
  const T n = static_cast<T>(x.n_cols);
  Mat<T> by_x(x.n_rows, x.n_cols);
  for (arma::uword i = 0; i < x.n_rows; ++i) {
    const arma::Row<T> y = normalised.row(i), by_y = delta.row(i) % gamma;
    by_x.row(i) = (by_y - arma::accu(by_y) / n - y * (arma::dot(by_y, y) / n)) / deviation(i);
  }
  return by_x;
}

/// Maxout (Goodfellow et al., ICML 2013): for each unit a matrix of its pieces, in which 1 marks
/// the largest of a row, of equal ones the first.
template <class T>
Mat<T> largest_pieces(const Mat<T>& x, std::size_t units) {
  const arma::uword k = x.n_cols / units;
  Mat<T> marks(x.n_rows, x.n_cols);
  for (arma::uword i = 0; i < x.n_rows; ++i) {
    for (arma::uword first = 0; first < x.n_cols; first += k) {
      arma::uword largest = first;
      for (arma::uword j = first; j < first + k; ++j) {
        if (x(i, j) > x(i, largest) || std::isnan(x(i, j))) largest = j;
      }
      marks(i, largest) = 1;
    }
  }
  return marks;
}

/// (units * k, units): which unit a piece belongs to.
template <class T>
Mat<T> owners(arma::uword pieces, std::size_t units) {
  return arma::kron(Mat<T>(units, units, arma::fill::eye),
                    Mat<T>(pieces / units, 1, arma::fill::ones));
}

/// The four words of Philox for the element (i, j) of a node and the columns beside it.
template <class T>
std::array<std::uint32_t, 4> words_of(std::size_t number, const Numbers<T>& numbers, arma::uword i,
                                      arma::uword j) {
  const auto [a, b, c, d] = kernels::dropout_words(
      numbers.training->seed, numbers.training->step, static_cast<std::uint32_t>(number),
      static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(j / 4));
  return {a, b, c, d};
}

/// Of dropout, 1 for each element that stays, else 0.
template <class T>
Mat<T> kept_by_dropout(std::size_t number, const Numbers<T>& numbers, arma::uword rows) {
  const Node& node = numbers.spec.nodes()[number];
  const double kept = std::floor(std::min((1 - node.rate) * 0x1p32, 0x1p32 - 1));
  Mat<T> stays(rows, node.units);
  for (arma::uword i = 0; i < rows; ++i) {
    for (arma::uword j = 0; j < node.units; ++j) {
      stays(i, j) = words_of(number, numbers, i, j)[j % 4] < kept ? T(1) : T(0);
    }
  }
  return stays;
}

/// Dropout (Srivastava et al., JMLR 15, 2014), 0 or 1 / (1 - rate) for each element.
template <class T>
Mat<T> dropout_mask(std::size_t number, const Numbers<T>& numbers, arma::uword rows) {
  return kept_by_dropout(number, numbers, rows) / T(1 - numbers.spec.nodes()[number].rate);
}

/// Alpha-dropout (Klambauer et al., NIPS 2017): a (x d + alpha' (1 - d)) + b, where d is 1 for what
/// stays, alpha' selu's lowest value, and a and b keep mean 0 and variance 1; and a d, its slope.
template <class T>
std::pair<Mat<T>, Mat<T>> alpha_dropped(std::size_t number, const Numbers<T>& numbers,
                                        const Mat<T>& x) {
  const double q = 1 - numbers.spec.nodes()[number].rate, alpha = -kSeluAlphaScale;
  const double a = std::pow(q + alpha * alpha * q * (1 - q), -0.5);
  const double b = -a * (1 - q) * alpha;
  const Mat<T> d = kept_by_dropout(number, numbers, x.n_rows);
  return {T(a) * (x % d + T(alpha) * (1 - d)) + T(b), T(a) * d};
}

/// Normal numbers times the deviation (Box and Muller, Annals of Mathematical Statistics 29, 1958):
/// of each pair of columns two.
template <class T>
Mat<T> noise_of(std::size_t number, const Numbers<T>& numbers, arma::uword rows) {
  const Node& node = numbers.spec.nodes()[number];
  Mat<T> noise(rows, node.units);
  for (arma::uword i = 0; i < rows; ++i) {
    for (arma::uword j = 0; j < node.units; ++j) {
      const auto words = words_of(number, numbers, i, j);
      const std::size_t first = j % 4 < 2 ? 0 : 2;
      const double u = (words[first] + 0.5) * 0x1p-32;
      const double angle = 2 * arma::datum::pi * words[first + 1] * 0x1p-32;
      const double normal =
          std::sqrt(-2 * std::log(u)) * (j % 2 == 0 ? std::cos(angle) : std::sin(angle));
      noise(i, j) = static_cast<T>(node.rate * normal);
    }
  }
  return noise;
}

/// Of the slot of a user's layer, if there is one.
template <class T>
std::vector<double> weights_of_custom(const Node& node, std::span<const T> parameters) {
  if (node.slots.empty()) return {};
  const auto own = parameters.subspan(node.slots[0].offset, node.slots[0].size);
  return {own.begin(), own.end()};
}

/// What a user's layer makes of each row.
template <class T>
Mat<T> custom_value(const Node& node, std::span<const T> parameters, const Mat<T>& x) {
  const auto weights = weights_of_custom(node, parameters);
  const auto rows = arma::conv_to<Mat<double>>::from(x.t());
  Mat<double> y(node.units, x.n_rows);
  for (arma::uword i = 0; i < x.n_rows; ++i) {
    node.custom->value({rows.colptr(i), rows.n_rows}, weights, {y.colptr(i), y.n_rows});
  }
  return arma::conv_to<Mat<T>>::from(y.t());
}

/// The derivatives by its weights and by x.
template <class T>
Mat<T> custom_delta(const Node& node, std::span<const T> parameters, const Mat<T>& x,
                    const Mat<T>& delta, std::vector<T>& gradient) {
  const auto weights = weights_of_custom(node, parameters);
  const auto rows = arma::conv_to<Mat<double>>::from(x.t());
  const auto by_y = arma::conv_to<Mat<double>>::from(delta.t());
  Mat<double> by_x(rows.n_rows, x.n_rows);
  std::vector<double> by_weights(weights.size());
  for (arma::uword i = 0; i < x.n_rows; ++i) {
    node.custom->derivative({rows.colptr(i), rows.n_rows}, weights, {by_y.colptr(i), by_y.n_rows},
                            {by_x.colptr(i), by_x.n_rows}, by_weights);
  }
  std::ranges::transform(
      by_weights,
      gradient.begin() + static_cast<std::ptrdiff_t>(node.slots.empty() ? 0 : node.slots[0].offset),
      [](double v) { return static_cast<T>(v); });
  return arma::conv_to<Mat<T>>::from(by_x.t());
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
      return images_of(batch_normalised(node, numbers, units_of(node, x)), x.n_rows);
    case Operation::dropout:
      if (numbers.training == nullptr) return x;
      return x % dropout_mask(number, numbers, x.n_rows);
    case Operation::add:
      return x + values[node.reads[1]];
    case Operation::noise:
      if (numbers.training == nullptr) return x;
      return x + noise_of(number, numbers, x.n_rows);
    case Operation::layer_norm:
      return images_of(layer_normalised(node, numbers, units_of(node, x)), x.n_rows);
    case Operation::alpha_dropout:
      if (numbers.training == nullptr) return x;
      return alpha_dropped(number, numbers, x).first;
    case Operation::maxout:
      return (x % largest_pieces(x, node.units)) * owners<T>(x.n_cols, node.units);
    case Operation::conv2d:
      return convolved(node.window, x, weights_of(node, numbers.parameters),
                       row_of(node.slots[1], numbers.parameters));
    case Operation::max_pool:
      return largest_seen(node.window, x);
    case Operation::average_pool:
      return mean_seen(node.window, x);
    case Operation::rescale:
      return x * static_cast<T>(node.rate) + static_cast<T>(node.shift);
    case Operation::flatten:
      return x;
    case Operation::custom:
      return custom_value(node, numbers.parameters, x);
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
    case Operation::batch_norm: {
      const Mat<T> by_value = units_of(node, delta);
      return images_of(
          goes_by_batch(node, numbers)
              ? batch_norm_delta(node, numbers.parameters, units_of(node, x), by_value, gradient)
              : moving_norm_delta(node, numbers, units_of(node, x), by_value, gradient),
          x.n_rows);
    }
    case Operation::dropout:
      if (numbers.training == nullptr) return delta;
      return delta % dropout_mask(number, numbers, x.n_rows);
    case Operation::add:
    case Operation::noise:
      return delta;
    case Operation::layer_norm:
      return images_of(
          layer_norm_delta(node, numbers, units_of(node, x), units_of(node, delta), gradient),
          x.n_rows);
    case Operation::alpha_dropout:
      if (numbers.training == nullptr) return delta;
      return delta % alpha_dropped(number, numbers, x).second;
    case Operation::maxout:
      return (delta * owners<T>(x.n_cols, node.units).t()) % largest_pieces(x, node.units);
    case Operation::conv2d: {
      const auto [by_weights, by_biases, by_images] =
          convolution_delta(node.window, x, weights_of(node, numbers.parameters), delta);
      to_rows<T>(by_weights, &gradient[node.slots[0].offset]);
      to_rows<T>(by_biases, &gradient[node.slots[1].offset]);
      return by_images;
    }
    case Operation::max_pool:
      return largest_seen_delta(node.window, x, delta);
    case Operation::average_pool:
      return mean_seen_delta(node.window, delta);
    case Operation::rescale:
      return delta * static_cast<T>(node.rate);
    case Operation::flatten:
      return delta;
    case Operation::custom:
      return custom_delta(node, numbers.parameters, x, delta, gradient);
    case Operation::input:
    case Operation::count:
      break;
  }
  throw std::logic_error("an operation without a derivative");
}

/// The derivative by the last node's values of the output number `outputs` of each row.
template <class T>
Mat<T> delta_of_outputs(const Link& link, const Mat<T>& last,
                        std::span<const std::int32_t> outputs) {
  Mat<T> by_output(last.n_rows, last.n_cols);
  for (arma::uword i = 0; i < last.n_rows; ++i) {
    by_output(i, static_cast<arma::uword>(outputs[i])) = 1;
  }
  return behind_link(link, last, linked(link, last), by_output);
}

/// From `delta`, the derivatives by the last node's values, those by each node's, and in `gradient`
/// their sums over the rows by the parameters.
template <class T>
std::vector<Mat<T>> taken_back(const Numbers<T>& numbers, const std::vector<Mat<T>>& values,
                               const Mat<T>& delta, std::vector<T>& gradient) {
  std::vector<Mat<T>> deltas(values.size());
  deltas.back() = delta;
  for (std::size_t i = values.size() - 1; i > 0; --i) {
    const Mat<T> by_input = delta_of_input(i, numbers, values, deltas[i], gradient);
    for (const std::size_t read : numbers.spec.nodes()[i].reads) {
      deltas[read] = deltas[read].is_empty() ? by_input : deltas[read] + by_input;
    }
  }
  return deltas;
}

/// The derivatives by the inputs.
template <class T>
Matrix<T> taken_to_inputs(const Numbers<T>& numbers, const std::vector<Mat<T>>& values,
                          const Mat<T>& delta) {
  std::vector<T> unused(numbers.spec.n_trained());
  Matrix<T> result(delta.n_rows, numbers.spec.n_inputs());
  if (delta.n_rows > 0) to_rows(taken_back(numbers, values, delta, unused).front(), result.data());
  return result;
}

/// The derivatives of one output of each row by the parameters of one node, where `delta` are those
/// by its values: row i of them begins `stride` numbers after row i - 1.
void put_derivatives(const Node& node, const Mat<double>& x, const Mat<double>& delta,
                     double* derivatives, std::size_t stride) {
  if (node.slots.empty()) return;
  const bool is_dense = node.operation == Operation::dense;
  if (!is_dense && (node.operation != Operation::layer_norm || node.is_image())) {
    throw std::logic_error("an operation without derivatives of each row");
  }
  const Mat<double> factors = (is_dense ? x : row_normalised(x).first).t(), deltas = delta.t();
  for (arma::uword i = 0; i < x.n_rows; ++i, derivatives += stride) {
    const Mat<double> by_first = is_dense ? Mat<double>(deltas.col(i) * factors.col(i).t())
                                          : Mat<double>(deltas.col(i) % factors.col(i));
    std::copy(by_first.begin(), by_first.end(), derivatives + node.slots[0].offset);
    const Slot& shift = node.slots[1];  // biases, or beta
    if (shift.trained) std::copy_n(deltas.colptr(i), shift.size, derivatives + shift.offset);
  }
}

}  // namespace

template <class T>
Matrix<T> loss_by_inputs(const NetworkSpec& spec, std::span<const T> parameters, const Matrix<T>& x,
                         const Targets<T>& targets) {
  const kernels::SingleThreadedBlas guard;
  const Numbers<T> numbers{spec, parameters, nullptr};
  const auto values = forward(numbers, from_rows(x.data(), x.rows(), x.cols()));
  const Mat<T> output = linked(spec.loss().link, values.back());
  Mat<T> delta = loss_of_rows<T>(spec.loss_choice(), output, target_matrix(targets)).delta;
  // Steps go by the sum of an averaged loss, too: see its delta.
  const bool is_sum = spec.loss().reduction == Reduction::mean && !spec.loss_choice().mean_factor;
  if (is_sum) delta /= static_cast<T>(spec.n_outputs());
  return taken_to_inputs(numbers, values, delta);
}

template <class T>
Matrix<T> output_by_inputs(const NetworkSpec& spec, std::span<const T> parameters,
                           const Matrix<T>& x, std::span<const std::int32_t> outputs) {
  const kernels::SingleThreadedBlas guard;
  const Numbers<T> numbers{spec, parameters, nullptr};
  const auto values = forward(numbers, from_rows(x.data(), x.rows(), x.cols()));
  return taken_to_inputs(numbers, values,
                         delta_of_outputs(spec.loss().link, values.back(), outputs));
}

OutputsAndJacobian outputs_and_jacobian(const NetworkSpec& spec, std::span<const double> parameters,
                                        const Matrix<double>& x) {
  const kernels::SingleThreadedBlas guard;
  const Numbers<double> numbers{spec, parameters, nullptr};
  const auto values = forward(numbers, from_rows(x.data(), x.rows(), x.cols()));
  const std::size_t n_outputs = spec.n_outputs();
  OutputsAndJacobian result{Matrix<double>(x.rows(), n_outputs),
                            Matrix<double>(x.rows() * n_outputs, spec.n_trained())};
  if (x.rows() == 0) return result;
  to_rows(linked(spec.loss().link, values.back()), result.outputs.data());
  std::vector<double> unused(spec.n_trained());
  for (std::size_t k = 0; k < n_outputs; ++k) {
    const std::vector<std::int32_t> output(x.rows(), static_cast<std::int32_t>(k));
    const auto deltas = taken_back(
        numbers, values, delta_of_outputs(spec.loss().link, values.back(), output), unused);
    for (std::size_t i = 1; i < values.size(); ++i) {
      const Node& node = spec.nodes()[i];
      put_derivatives(node, values[node.reads[0]], deltas[i], result.jacobian.row(k).data(),
                      n_outputs * spec.n_trained());
    }
  }
  return result;
}

template Matrix<float> loss_by_inputs<float>(const NetworkSpec&, std::span<const float>,
                                             const Matrix<float>&, const Targets<float>&);
template Matrix<double> loss_by_inputs<double>(const NetworkSpec&, std::span<const double>,
                                               const Matrix<double>&, const Targets<double>&);
template Matrix<float> output_by_inputs<float>(const NetworkSpec&, std::span<const float>,
                                               const Matrix<float>&, std::span<const std::int32_t>);
template Matrix<double> output_by_inputs<double>(const NetworkSpec&, std::span<const double>,
                                                 const Matrix<double>&,
                                                 std::span<const std::int32_t>);

template <class T>
LossAndGradient<T> loss_and_gradient(const NetworkSpec& spec, std::span<const T> parameters,
                                     const Matrix<T>& x, const Targets<T>& targets,
                                     const TrainingMode<T>& training) {
  const kernels::SingleThreadedBlas guard;
  const Numbers<T> numbers{spec, parameters, &training};
  const auto values = forward(numbers, from_rows(x.data(), x.rows(), x.cols()));
  const Mat<T> output = linked(spec.loss().link, values.back());
  auto [losses, delta] = loss_of_rows<T>(spec.loss_choice(), output, target_matrix(targets));
  if (!targets.weights.empty()) {
    const arma::Col<T> weights(targets.weights);
    delta.each_col() %= weights;
    losses %= arma::conv_to<arma::vec>::from(weights);
  }
  LossAndGradient<T> sums{arma::accu(losses), std::vector<T>(spec.n_trained())};
  sums.n_right = n_right(values.back(), targets);
  taken_back(numbers, values, delta, sums.gradient);
  for (const Node& node : spec.nodes()) {
    if (node.operation == Operation::batch_norm && goes_by_batch(node, numbers)) {
      move_statistics(node, numbers, units_of(node, values[node.reads[0]]));
    }
  }
  return sums;
}

template <class T>
double loss_of_outputs(const LossChoice& loss, const Matrix<T>& outputs,
                       const Targets<T>& targets) {
  arma::vec losses =
      loss_of_rows<T>(loss, from_rows(outputs.data(), outputs.rows(), outputs.cols()),
                      target_matrix(targets))
          .values;
  if (!targets.weights.empty()) {
    losses %= arma::conv_to<arma::vec>::from(arma::Col<T>(targets.weights));
  }
  return arma::accu(losses);
}

template double loss_of_outputs<float>(const LossChoice&, const Matrix<float>&,
                                       const Targets<float>&);
template double loss_of_outputs<double>(const LossChoice&, const Matrix<double>&,
                                        const Targets<double>&);

template <class T>
Matrix<T> outputs(const NetworkSpec& spec, std::span<const T> parameters, const Matrix<T>& x) {
  const kernels::SingleThreadedBlas guard;
  const auto values =
      forward<T>({spec, parameters, nullptr}, from_rows(x.data(), x.rows(), x.cols()));
  Matrix<T> result(x.rows(), spec.n_outputs());
  if (x.rows() > 0) to_rows(linked(spec.loss().link, values.back()), result.data());
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
