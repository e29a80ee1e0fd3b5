// What skarma computes, formula by formula. Samples are rows: x has the shape (rows, features), and
// a layer is f(x W + b) with W of shape (inputs, outputs). Nothing here is fast, or fused.
#include <skarma/core/reference/reference_engine.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <stdexcept>
#include <utility>

#include <armadillo>

#include <skarma/core/base/errors.hpp>
#include <skarma/core/base/internal/check.hpp>
#include <skarma/core/kernels/blas_threads.hpp>
#include <skarma/core/net/predict.hpp>

namespace skarma {
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

// ---- activations ------------------------------------------------------------------------------

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

// ---- losses -----------------------------------------------------------------------------------

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

// ---- the network ------------------------------------------------------------------------------

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

/// The sums over the rows of some samples: of their losses, and of the gradients, packed.
template <class T>
struct LossAndGradient {
  double loss;
  std::vector<T> gradient;
};

template <class T>
LossAndGradient<T> loss_and_gradient(const NetworkSpec& spec, std::span<const T> parameters,
                                     Mat<T> x, const Targets<T>& targets) {
  const auto values = forward(spec, parameters, std::move(x));
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

// ---- update rules -----------------------------------------------------------------------------

/// Momentum, and Nesterov's (Sutskever et al., ICML 2013).
template <class T>
void sgd_step(OptimiserState<T>& state, arma::Col<T>& w, const arma::Col<T>& g, double rate) {
  arma::Col<T> velocity(state.moments.data(), w.n_elem, false, true);
  const T momentum = static_cast<T>(state.rule.momentum), step = static_cast<T>(rate);
  velocity = momentum * velocity - step * g;
  w += state.rule.nesterovs_momentum ? arma::Col<T>(momentum * velocity - step * g) : velocity;
}

/// Adam (Kingma and Ba, ICLR 2015).
template <class T>
void adam_step(OptimiserState<T>& state, arma::Col<T>& w, const arma::Col<T>& g, double rate) {
  arma::Col<T> m(state.moments.data(), w.n_elem, false, true);
  arma::Col<T> v(state.moments.data() + w.n_elem, w.n_elem, false, true);
  const double beta_1 = state.rule.beta_1, beta_2 = state.rule.beta_2;
  const auto t = static_cast<double>(state.n_steps);
  m = static_cast<T>(beta_1) * m + static_cast<T>(1 - beta_1) * g;
  v = static_cast<T>(beta_2) * v + static_cast<T>(1 - beta_2) * arma::square(g);
  const double step = rate * std::sqrt(1 - std::pow(beta_2, t)) / (1 - std::pow(beta_1, t));
  w -= static_cast<T>(step) * m / (arma::sqrt(v) + static_cast<T>(state.rule.epsilon));
}

/// RMSprop (Tieleman and Hinton, 2012).
template <class T>
void rmsprop_step(OptimiserState<T>& state, arma::Col<T>& w, const arma::Col<T>& g, double rate) {
  arma::Col<T> v(state.moments.data(), w.n_elem, false, true);
  const double beta_2 = state.rule.beta_2;
  v = static_cast<T>(beta_2) * v + static_cast<T>(1 - beta_2) * arma::square(g);
  w -= static_cast<T>(rate) * g / (arma::sqrt(v) + static_cast<T>(state.rule.epsilon));
}

/// AdamW (Loshchilov and Hutter, ICLR 2019), whose weight decay is for the first `n_coefs` alone.
template <class T>
void adamw_step(OptimiserState<T>& state, arma::Col<T>& w, const arma::Col<T>& g, double rate,
                std::size_t n_coefs) {
  arma::Col<T> m(state.moments.data(), w.n_elem, false, true);
  arma::Col<T> v(state.moments.data() + w.n_elem, w.n_elem, false, true);
  const double beta_1 = state.rule.beta_1, beta_2 = state.rule.beta_2;
  const auto t = static_cast<double>(state.n_steps);
  w.head(n_coefs) -= static_cast<T>(rate * state.rule.weight_decay) * w.head(n_coefs).eval();
  m = static_cast<T>(beta_1) * m + static_cast<T>(1 - beta_1) * g;
  v = static_cast<T>(beta_2) * v + static_cast<T>(1 - beta_2) * arma::square(g);
  const arma::Col<T> m_hat = m / static_cast<T>(1 - std::pow(beta_1, t));
  const arma::Col<T> v_hat = v / static_cast<T>(1 - std::pow(beta_2, t));
  w -= static_cast<T>(rate) * m_hat / (arma::sqrt(v_hat) + static_cast<T>(state.rule.epsilon));
}

template <class T>
void take_step(OptimiserState<T>& state, arma::Col<T>& w, const arma::Col<T>& g, double rate,
               std::size_t n_coefs) {
  ++state.n_steps;
  if (state.rule.name == "sgd") return sgd_step(state, w, g, rate);
  if (state.rule.name == "adam") return adam_step(state, w, g, rate);
  if (state.rule.name == "rmsprop") return rmsprop_step(state, w, g, rate);
  if (state.rule.name == "adamw") return adamw_step(state, w, g, rate, n_coefs);
  throw std::logic_error("an update rule without a formula");
}

// ---- the engine -------------------------------------------------------------------------------

template <class T>
Mat<T> gathered(const SampleView& samples, std::span<const RowIndex> positions) {
  std::vector<T> rows(positions.size() * samples.n_features());
  samples.gather(positions, rows.data());
  return from_rows(rows.data(), positions.size(), samples.n_features());
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
                  slot.penalised);
    }
  }
  return ones;
}

template <class T>
struct ReferenceModel {
  ModelSetup setup;
  SampleView samples;
  Targets<T> targets;
  ModelState<T> state;

  /// The mean loss of some samples with the penalty alpha / 2 * sum of w^2 over all penalised w,
  /// which is part of the mean, too; its gradient goes to `gradient`.
  template <class G>
  double penalised(std::span<const RowIndex> positions, std::span<G> gradient) const {
    const Targets<T> batch = targets.at(positions);
    const double weight = weight_of(batch);
    const auto sums =
        loss_and_gradient<T>(setup.spec, state.parameters, gathered<T>(samples, positions), batch);
    const auto is_penalised = penalised_ones(setup.spec);
    double squares = 0.0;
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      const G w = is_penalised[i] ? static_cast<G>(state.parameters[i]) : G(0);
      squares += static_cast<double>(w) * static_cast<double>(w);
      gradient[i] = (static_cast<G>(sums.gradient[i]) + static_cast<G>(setup.alpha) * w) /
                    static_cast<G>(weight);
    }
    return (sums.loss + 0.5 * setup.alpha * squares) / weight;
  }
};

template <class T>
class ReferenceEngine final : public Engine<T> {
 public:
  DataId hold(const SampleView& samples) override {
    const DataId id{next_id_++};
    data_.emplace(id, samples);
    return id;
  }
  void release(DataId data) override { data_.erase(data); }

  ModelId open(const ModelSetup& setup, DataId data, Targets<T> targets,
               ModelState<T> state) override {
    SKARMA_CHECK(targets.n_samples() == data_.at(data).n_samples());
    SKARMA_CHECK(state.parameters.size() == setup.spec.n_parameters());
    const ModelId id{next_id_++};
    models_.insert({id, {setup, data_.at(data), std::move(targets), std::move(state)}});
    return id;
  }
  void close(ModelId model) override { models_.erase(model); }

  void train(std::span<const EpochRange> group, std::span<EpochLoss> losses) override {
    SKARMA_CHECK(group.size() == losses.size());
    const kernels::SingleThreadedBlas guard;
    for (std::size_t i = 0; i < group.size(); ++i) {
      train_range(models_.at(group[i].model), group[i], losses[i]);
    }
  }

  Matrix<T> evaluate(ModelId id, DataId data, const std::stop_token& stop) override {
    if (stop.stop_requested()) throw Cancelled("The prediction was stopped.");
    const ReferenceModel<T>& model = models_.at(id);
    return reference_outputs<T>(model.setup.spec, model.state.parameters, data_.at(data));
  }

  double loss_and_gradient(ModelId id, std::span<const double> parameters,
                           std::span<double> gradient, const std::stop_token&) override {
    const kernels::SingleThreadedBlas guard;
    ReferenceModel<T>& model = models_.at(id);
    std::transform(parameters.begin(), parameters.end(), model.state.parameters.begin(),
                   [](double v) { return static_cast<T>(v); });
    return model.penalised(all_rows(model.samples), gradient);
  }

  ModelState<T> save(ModelId model) const override { return models_.at(model).state; }
  void write(ModelId model, std::span<const T> parameters) override {
    std::ranges::copy(parameters, models_.at(model).state.parameters.begin());
  }

 private:
  static void train_range(ReferenceModel<T>& model, const EpochRange& range, EpochLoss& result) {
    arma::Col<T> w(model.state.parameters.data(), model.state.parameters.size(), false, true);
    arma::Col<T> gradient(w.n_elem);
    for (std::size_t b = range.first_batch; b < range.end_batch; ++b) {
      const std::size_t begin = b * range.batch_size;
      const std::size_t rows = std::min(range.batch_size, range.order.size() - begin);
      const double loss = model.penalised(range.order.subspan(begin, rows),
                                          std::span<T>(gradient.memptr(), gradient.n_elem));
      take_step(model.state.optimiser, w, gradient, range.rate, model.setup.spec.n_coefs());
      result.loss_sum += loss * static_cast<double>(rows);
    }
  }

  std::size_t next_id_ = 0;
  std::map<DataId, SampleView> data_;
  std::map<ModelId, ReferenceModel<T>> models_;
};

}  // namespace

template <class T>
std::unique_ptr<Engine<T>> make_reference_engine() {
  return std::make_unique<ReferenceEngine<T>>();
}

template <class T>
Matrix<T> reference_outputs(const NetworkSpec& spec, std::span<const T> parameters,
                            const SampleView& x) {
  const kernels::SingleThreadedBlas guard;
  const Mat<T> samples = gathered<T>(x, all_rows(x));
  if (!samples.is_finite()) throw NotFiniteSample();
  const auto values = forward(spec, parameters, samples);
  Matrix<T> outputs(x.n_samples(), spec.n_outputs());
  if (x.n_samples() > 0) to_rows(linked(spec.loss(), values.back()), outputs.row(0).data());
  return outputs;
}

template std::unique_ptr<Engine<float>> make_reference_engine<float>();
template std::unique_ptr<Engine<double>> make_reference_engine<double>();
template Matrix<float> reference_outputs<float>(const NetworkSpec&, std::span<const float>,
                                                const SampleView&);
template Matrix<double> reference_outputs<double>(const NetworkSpec&, std::span<const double>,
                                                  const SampleView&);

}  // namespace skarma
