#include <skarma/core/reference/loss_formulas.hpp>

#include <cmath>
#include <limits>
#include <stdexcept>

#include <skarma/core/reference/activation_formulas.hpp>

namespace skarma::reference {
namespace {

using arma::mat;
using arma::vec;

template <class T>
arma::Mat<T> softmax(arma::Mat<T> z) {
  z.each_col() -= arma::max(z, 1).eval();
  z = arma::exp(z);
  z.each_col() /= arma::sum(z, 1).eval();
  return z;
}

/// Each column is more than the one before it by a softplus.
template <class T>
arma::Mat<T> ordered(arma::Mat<T> z) {
  const Activation softplus = *find_activation("softplus");
  for (arma::uword j = 1; j < z.n_cols; ++j) {
    z.col(j) = z.col(j - 1) + activated<T>(softplus, z.col(j));
  }
  return z;
}

/// Probabilities away from 0 and 1 by the epsilon of their type, as the logarithm wants them.
template <class T>
mat clipped(const arma::Mat<T>& p) {
  constexpr T epsilon = std::numeric_limits<T>::epsilon();
  return arma::conv_to<mat>::from(arma::clamp(p, epsilon, 1 - epsilon));
}

mat poisson_deviance(const mat& y, const mat& p) {
  mat y_log = y % arma::log(y / p);
  y_log.elem(arma::find(y == 0)).zeros();  // 0 log 0 = 0
  return y_log - y + p;
}

mat gamma_deviance(const mat& y, const mat& p) { return arma::log(p / y) + y / p - 1; }

mat tweedie_deviance(const mat& y, const mat& p, double power) {
  if (power == 1) return poisson_deviance(y, p);
  if (power == 2) return gamma_deviance(y, p);
  const double a = 1 - power, b = 2 - power;
  mat own = arma::pow(y, b);
  own.elem(arma::find(y == 0)).zeros();
  return own / (a * b) - y % arma::pow(p, a) / a + arma::pow(p, b) / b;
}

/// -(1 - p)^gamma log(p), and p times its derivative by p.
mat focal_loss(const mat& p, double gamma) { return -arma::pow(1 - p, gamma) % arma::log(p); }
mat focal_slope(const mat& p, double gamma) {
  return gamma * p % arma::pow(1 - p, gamma - 1) % arma::log(p) - arma::pow(1 - p, gamma);
}

/// max(0, lack)^power, and its derivative.
mat hinge_loss(const mat& lack, int power) {
  return arma::pow(arma::clamp(lack, 0, arma::datum::inf), power);
}
mat hinge_slope(mat lack, int power) {
  return lack.transform([=](double v) { return v <= 0 ? 0.0 : power == 1 && v > 0 ? 1.0 : 2 * v; });
}

/// The derivatives by z of a loss of linked outputs, from that by the outputs.
mat behind_softmax(const mat& p, const mat& by_p) {
  mat centred = by_p;
  centred.each_col() -= arma::sum(by_p % p, 1).eval();
  return p % centred;
}
mat behind_ordered(const mat& q, const mat& by_q) {
  mat by_z = arma::fliplr(arma::cumsum(arma::fliplr(by_q), 1));
  for (arma::uword j = 1; j < q.n_cols; ++j) {
    by_z.col(j) %= 1 - arma::exp(q.col(j - 1) - q.col(j));
  }
  return by_z;
}

/// How much the score of the right class lacks to be 1 above all others, and where the largest of
/// those is.
struct Margins {
  vec lack;
  mat rival;

  Margins(const mat& z, const mat& right) : lack(z.n_rows), rival(arma::size(z)) {
    mat others = z;
    others.elem(arma::find(right == 1)).fill(-arma::datum::inf);
    for (arma::uword i = 0; i < z.n_rows; ++i) {
      const arma::rowvec row = others.row(i);
      const arma::uword best = row.index_max();
      rival(i, best) = 1;
      lack(i) = 1 + z(i, best) - arma::accu(z.row(i) % right.row(i));
    }
  }
};

/// The loss of each output and its derivative by z, or of whole rows and theirs.
struct Values {
  mat losses;
  mat delta;
};

Values hinge(const mat& z, const mat& right, int power) {
  const Margins margins(z, right);
  mat delta = margins.rival - right;  // where a margin is NaN, so are all of a row
  delta.each_col() %= vec(hinge_slope(margins.lack, power));
  return {hinge_loss(margins.lack, power), delta};
}

Values binary_hinge(const mat& z, const mat& label, int power) {
  const mat sign = 2 * label - 1, lack = 1 - sign % z;
  return {hinge_loss(lack, power), -hinge_slope(lack, power) % sign};
}

Values pinball(const mat& q, const mat& y, std::span<const double> levels) {
  mat losses = y - q, by_q(arma::size(q));
  for (arma::uword j = 0; j < q.n_cols; ++j) {
    const double level = levels[j];
    by_q.col(j) = losses.col(j);
    by_q.col(j).for_each([=](double& v) { v = v > 0 ? -level : v < 0 ? 1 - level : v; });
    losses.col(j).for_each([=](double& v) { v *= v > 0 ? level : level - 1; });
  }
  const double n = static_cast<double>(q.n_cols);
  return {losses / n, behind_ordered(q, by_q / n)};
}

/// Those whose delta is not output - target.
Values values_of(LossFunction function, std::span<const double> numbers, const mat& p, const mat& q,
                 const mat& y) {
  const mat residual = p - y, size = arma::abs(residual);
  const double number = numbers.empty() ? 0.0 : numbers[0];
  switch (function) {
    case kHuber: {
      mat losses = arma::square(size) / 2;
      const arma::uvec far = arma::find(size > number);
      losses.elem(far) = number * (size.elem(far) - number / 2);
      return {losses, arma::clamp(residual, -number, number)};
    }
    case kAbsoluteError:
      return {size, arma::sign(residual)};
    case kLogCosh:
      return {size + arma::log1p(arma::exp(-2 * size)) - std::log(2.0), arma::tanh(residual)};
    case kGammaLoss:
      return {gamma_deviance(y, p), 1 - y / p};
    case kTweedie:
      return {tweedie_deviance(y, p, number), arma::pow(p, 1 - number) % residual};
    case kQuantile:
      return pinball(p, y, numbers);
    case kSmoothedSoftmaxLog: {
      const mat target = (1 - number) * y + number / static_cast<double>(y.n_cols);
      return {-target % arma::log(clipped(p)), p - target};
    }
    case kSmoothedLogisticLog: {
      const mat target = (1 - number) * y + number / 2;
      return {-target % arma::log(clipped(p)) - (1 - target) % arma::log(clipped(q)), p - target};
    }
    case kHinge:
      return hinge(p, y, 1);
    case kSquaredHinge:
      return hinge(p, y, 2);
    case kBinaryHinge:
      return binary_hinge(p, y, 1);
    case kBinarySquaredHinge:
      return binary_hinge(p, y, 2);
    case kFocal: {
      const vec right = arma::sum(clipped(p) % y, 1);
      mat delta = y - p;
      delta.each_col() %= vec(focal_slope(right, number));
      return {focal_loss(right, number), delta};
    }
    case kBinaryFocal:
      return {
          y % focal_loss(clipped(p), number) + (1 - y) % focal_loss(clipped(q), number),
          y % focal_slope(clipped(p), number) % q - (1 - y) % focal_slope(clipped(q), number) % p};
    case kSoftmaxSquared:
      return {arma::square(residual) / 2, behind_softmax(p, residual)};
    case kLogisticSquared:
      return {arma::square(residual) / 2, residual % p % (1 - p)};
    default:
      break;
  }
  throw std::logic_error("a loss without a formula");
}

}  // namespace

template <class T>
arma::Mat<T> linked(const Link& link, const arma::Mat<T>& z) {
  if (link.elementwise) return activated(Activation{link.name, *link.elementwise}, z);
  switch (link.rows) {
    case kSoftmaxLink:
      return softmax(z);
    case kPlainLink:
      return z;
    case kOrderedLink:
      return ordered(z);
  }
  throw std::logic_error("a link without a formula");
}

template <class T>
arma::Mat<T> behind_link(const Link& link, const arma::Mat<T>& z, const arma::Mat<T>& output,
                         const arma::Mat<T>& by_output) {
  using Real = arma::Mat<T>;
  if (link.elementwise) {
    const Real slope = derivative(Activation{link.name, *link.elementwise}, z, output);
    return by_output % slope;
  }
  if (link.rows == kPlainLink) return by_output;
  const auto p = arma::conv_to<mat>::from(output), by_p = arma::conv_to<mat>::from(by_output);
  return arma::conv_to<Real>::from(link.rows == kSoftmaxLink ? behind_softmax(p, by_p)
                                                             : behind_ordered(p, by_p));
}

/// A user's loss, whose links all have derivatives by what they give.
template <class T>
LossOfRows<T> custom_loss_of_rows(const LossChoice& loss, const arma::Mat<T>& output,
                                  const arma::Mat<T>& target) {
  const mat outputs = arma::conv_to<mat>::from(output).t();
  const mat targets = arma::conv_to<mat>::from(target).t();
  mat by_outputs(arma::size(outputs));
  vec values(outputs.n_cols);
  for (arma::uword i = 0; i < outputs.n_cols; ++i) {
    const std::span row(outputs.colptr(i), outputs.n_rows);
    const std::span wanted(targets.colptr(i), outputs.n_rows);
    values[i] = loss.custom->value(row, wanted);
    loss.custom->derivative(row, wanted, {by_outputs.colptr(i), outputs.n_rows});
  }
  const auto by_output = arma::conv_to<arma::Mat<T>>::from(by_outputs.t());
  return {values, behind_link(loss.row->link, output, output, by_output)};
}

/// Of a row of the table.
template <class T>
LossOfRows<T> loss_of_rows(const Loss& loss, std::span<const double> numbers,
                           const arma::Mat<T>& output, const arma::Mat<T>& target) {
  const arma::Mat<T> residual = output - target, rest = 1 - output;
  const auto y = arma::conv_to<mat>::from(target);
  const auto p = arma::conv_to<mat>::from(output);
  const auto sum = [](const mat& losses) -> vec { return arma::sum(losses, 1); };
  switch (loss.function) {
    case kSoftmaxLog:
      return {sum(-y % arma::log(clipped(output))), residual};
    case kLogisticLog:
      return {sum(-y % arma::log(clipped(output)) - (1 - y) % arma::log(clipped(rest))), residual};
    case kSquaredError:
      return {arma::mean(arma::square(y - p) / 2, 1), residual};
    case kPoisson:
      return {sum(poisson_deviance(y, p)), residual};
    default: {
      const auto q = arma::conv_to<mat>::from(rest);
      const Values values = values_of(loss.function, numbers, p, q, y);
      return {sum(values.losses), arma::conv_to<arma::Mat<T>>::from(values.delta)};
    }
  }
}

template <class T>
LossOfRows<T> loss_of_rows(const LossChoice& loss, const arma::Mat<T>& output,
                           const arma::Mat<T>& target) {
  if (loss.custom) return custom_loss_of_rows(loss, output, target);
  auto losses = loss_of_rows(*loss.row, loss.numbers, output, target);
  losses.values *= loss.value_factor(output.n_cols);
  losses.delta *= static_cast<T>(loss.delta_factor(output.n_cols));
  return losses;
}

template arma::Mat<float> linked<float>(const Link&, const arma::Mat<float>&);
template arma::Mat<double> linked<double>(const Link&, const arma::Mat<double>&);
template arma::Mat<float> behind_link<float>(const Link&, const arma::Mat<float>&,
                                             const arma::Mat<float>&, const arma::Mat<float>&);
template arma::Mat<double> behind_link<double>(const Link&, const arma::Mat<double>&,
                                               const arma::Mat<double>&, const arma::Mat<double>&);
template LossOfRows<float> loss_of_rows<float>(const LossChoice&, const arma::Mat<float>&,
                                               const arma::Mat<float>&);
template LossOfRows<double> loss_of_rows<double>(const LossChoice&, const arma::Mat<double>&,
                                                 const arma::Mat<double>&);

}  // namespace skarma::reference
