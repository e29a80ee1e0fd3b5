#include <skarma/estimators/nn/sequential.hpp>

#include <algorithm>
#include <map>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/core/engine/output_loss.hpp>
#include <skarma/core/engine/registry.hpp>
#include <skarma/core/engine/shared_engine.hpp>
#include <skarma/estimators/internal/input_checks.hpp>
#include <skarma/estimators/mlp/internal/trained_network.hpp>
#include <skarma/estimators/nn/internal/layer_parts.hpp>
#include <skarma/estimators/nn/internal/settings_for.hpp>
#include <skarma/estimators/nn/internal/targets_of.hpp>

namespace skarma::nn {
namespace {

constexpr std::string_view kOwner = "Sequential";

/// A chain whose last activation, if it has one, has become a link.
struct Chain {
  std::vector<skarma::Layer> layers;
  std::string_view link = "identity";
};

std::vector<skarma::Layer> parts_of(std::span<const Layer> layers) {
  std::vector<skarma::Layer> parts;
  for (const Layer& layer : layers) {
    parts.insert(parts.end(), layer.parts->layers.begin(), layer.parts->layers.end());
  }
  return parts;
}

/// Whether somewhere but at the end rows are to be linked.
bool has_softmax(const std::vector<skarma::Layer>& layers) {
  return std::ranges::any_of(layers, [](const skarma::Layer& layer) {
    return (layer.activation && is_softmax(*layer.activation)) || has_softmax(layer.inner);
  });
}

Chain chain_of(const std::vector<Layer>& layers) {
  Chain chain{parts_of(layers)};
  auto& parts = chain.layers;
  if (!parts.empty() && parts.back().operation == Operation::activation) {
    chain.link = parts.back().activation->name;
    parts.pop_back();
  }
  if (has_softmax(parts)) {
    throw std::invalid_argument("'softmax' can only be the last activation of a Sequential.");
  }
  if (parts.empty()) throw std::invalid_argument("A Sequential needs a Dense layer.");
  return chain;
}

/// A loss with such a link, until there is one.
LossChoice any_loss(std::string_view link) {
  const auto row = std::ranges::find(kLosses, link, [](const Loss& l) { return l.link.name; });
  if (row != kLosses.end()) return link == "identity" ? *find_loss("squared_error") : *row;
  throw std::invalid_argument(
      fmt::format("The last activation of a Sequential must be 'softmax', 'sigmoid' or 'linear'. "
                  "Got '{}' instead.",
                  link));
}

ImageShape image_of(const Shape& shape) {
  const bool is_positive = std::ranges::all_of(shape, [](std::size_t n) { return n > 0; });
  if (is_positive && shape.size() == 1) return {1, 1, shape[0]};
  if (is_positive && shape.size() == 3) return {shape[0], shape[1], shape[2]};
  throw std::invalid_argument(
      fmt::format("input_shape must be (features,) or (height, width, channels), of positive "
                  "numbers. Got ({}) instead.",
                  fmt::join(shape, ", ")));
}

/// "MaxPool2D" -> "max_pool2d".
std::string in_snake_case(std::string_view name) {
  std::string result;
  for (const char c : name) {
    const bool is_upper = c >= 'A' && c <= 'Z';
    const bool follows_lower = !result.empty() && result.back() >= 'a' && result.back() <= 'z';
    if (is_upper && follows_lower) result += '_';
    result += is_upper ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return result;
}

Shape shape_of(const Node& node) {
  if (!node.is_image()) return {node.units};
  return {node.image.height, node.image.width, node.image.channels};
}

Shape shape_of(const Node& node, const Slot& slot) {
  if (slot.name != "coefs") return {slot.size};
  const std::size_t units = node.slots[1].size;
  if (node.operation == Operation::dense) return {slot.size / units, units};
  return {node.window.height, node.window.width, node.window.input.channels, units};
}

void check_x(const SampleView& x, std::size_t n_inputs) {
  check_samples(kOwner, x);
  if (x.n_features() == n_inputs) return;
  throw std::invalid_argument(
      fmt::format("A sample has {} values, and the network reads {}.", x.n_features(), n_inputs));
}

/// The part of a history that one fit has made.
HistoryTable last_epochs(const HistoryTable& all, std::size_t n_before) {
  const auto rest = [n_before](const std::vector<double>& column) {
    const auto begin = static_cast<std::ptrdiff_t>(std::min(n_before, column.size()));
    return std::vector<double>(column.begin() + begin, column.end());
  };
  return {rest(all.loss),          rest(all.validation_score), rest(all.validation_loss),
          rest(all.learning_rate), rest(all.seconds),          rest(all.accuracy)};
}

}  // namespace

struct Sequential::Network {
  NetworkSpec spec;
  ImageShape input;
  std::shared_ptr<RandomState> random_state;
  TrainedNetwork trained{};

  Network(NetworkSpec network, const ImageShape& shape, std::shared_ptr<RandomState> draws)
      : spec(std::move(network)), input(shape), random_state(std::move(draws)) {}
  Network(const Network& other)
      : spec(other.spec),
        input(other.input),
        random_state(std::make_shared<RandomState>(*other.random_state)),
        trained(other.trained) {}

  Matrix<double> outputs(const SampleView& x, int n_threads, const std::stop_token& stop) const {
    return trained.outputs(*make_engine_to_predict("cpu", n_threads, x.n_samples()), x, true, stop);
  }
};

Sequential::Sequential(std::vector<Layer> layers, RandomSeed random_state, bool float32)
    : layers_(std::move(layers)), random_state_(std::move(random_state)), float32_(float32) {
  for (std::size_t i = 1; i < layers_.size(); ++i) {
    if (layers_[i].input_shape.empty()) continue;
    throw std::invalid_argument(
        fmt::format("Layer {}: only the first layer takes an input_shape.", i + 1));
  }
  any_loss(chain_of(layers_).link);
  if (!layers_.front().input_shape.empty()) build(layers_.front().input_shape);
}

Sequential::~Sequential() = default;
Sequential::Sequential(Sequential&&) noexcept = default;
Sequential& Sequential::operator=(Sequential&&) noexcept = default;
Sequential::Sequential(const Sequential& other)
    : layers_(other.layers_),
      random_state_(other.random_state_.copy()),
      float32_(other.float32_),
      optimizer_(other.optimizer_),
      loss_(other.loss_),
      network_(other.network_ ? std::make_unique<Network>(*other.network_) : nullptr) {}
Sequential& Sequential::operator=(const Sequential& other) { return *this = Sequential(other); }

bool Sequential::is_built() const { return network_ != nullptr; }

void Sequential::build(const Shape& input_shape) {
  const ImageShape input = image_of(input_shape);
  const Chain chain = chain_of(layers_);
  const LossChoice loss = loss_.empty() ? any_loss(chain.link) : loss_called(loss_);
  network_ = std::make_unique<Network>(NetworkSpec(input, chain.layers, loss), input,
                                       random_state_.generator());
}

bool Sequential::wants_class_numbers() const {
  return !loss_.empty() && !wants_one_hot(loss_) &&
         loss_called(loss_).row->targets == TargetKind::code;
}

void Sequential::compile(const Optimizer& optimizer, std::string_view loss) {
  check_optimizer(optimizer);
  const Chain chain = chain_of(layers_);
  const LossChoice choice = loss_called(loss);
  if (choice.row->link.name != chain.link) {
    throw std::invalid_argument(
        fmt::format("The loss '{}' goes with the last activation '{}', and not with '{}'.", loss,
                    choice.row->link.name, chain.link));
  }
  optimizer_ = optimizer;
  loss_ = loss;
  if (!network_) return;
  network_->spec = NetworkSpec(network_->input, chain.layers, choice);
  if (!network_->trained.is_fitted()) return;
  const auto weights = network_->trained.parameters();
  RandomState unused(0);
  network_->trained.start(settings_for(optimizer, {}), network_->spec, float32_, unused);
  network_->trained.set_parameters(weights);
}

const Sequential::Network& Sequential::built() const {
  if (network_) return *network_;
  throw NotFittedError(
      "This Sequential does not know yet what its samples look like: give the first layer an "
      "input_shape, or call build.");
}

Sequential::Network& Sequential::with_weights() const {
  built();
  TrainedNetwork& trained = network_->trained;
  if (!trained.is_fitted()) {
    trained.start(settings_for({}, {}), network_->spec, float32_, *network_->random_state);
  }
  return *network_;
}

Sequential::Network& Sequential::compiled() {
  built();
  if (!is_compiled()) throw NotFittedError("This Sequential is not compiled yet: call compile.");
  return with_weights();
}

HistoryTable Sequential::fit(const SampleView& x, const TargetView& y,
                             const FitSettings& settings) {
  Network& network = compiled();
  check_fit(settings);
  check_x(x, network.spec.n_inputs());
  TrainingSettings training = settings_for(*optimizer_, settings);
  training.random_state = RandomSeed(network.random_state);
  TrainingTask task;
  task.loss = {network.spec.loss(), network.spec.loss_numbers()};
  task.targets = targets_of(network.spec, loss_, y, x.n_samples());
  check_weights(settings.sample_weight, x.n_samples());
  task.targets.weights = settings.sample_weight;
  task.n_epochs = settings.epochs;
  task.counts_right = network.spec.loss().targets != TargetKind::numbers;
  task.score = [loss = &network.spec.loss()](const Matrix<double>& outputs,
                                             const Targets<double>& held_out) {
    return accuracy_of(*loss, outputs, held_out);
  };
  if (settings.validation) {
    const auto& [own_x, own_y] = *settings.validation;
    check_x(own_x, network.spec.n_inputs());
    task.validation =
        GivenValidation{own_x, targets_of(network.spec, loss_, own_y, own_x.n_samples())};
  }
  TrainedNetwork next = network.trained;  // aside, so that an error loses nothing
  const std::size_t n_before = next.history().loss_curve.size();
  const auto fit = next.prepare(kOwner, training, network.spec, x, std::move(task),
                                FitMode::partial_fit, settings.control);
  SharedEngine engines;
  PreparedFit* const group[] = {fit.get()};
  train_group(engines.on(fit->device, fit->n_threads), group);
  next.finish(training, x, *fit);
  network.trained = std::move(next);
  return last_epochs(network.trained.history().table(), n_before);
}

Evaluation Sequential::evaluate(const SampleView& x, const TargetView& y, int n_threads) const {
  const Network& network = built();
  const auto targets = targets_of(network.spec, loss_, y, x.n_samples());
  const Matrix<double> outputs = predict(x, n_threads);
  const LossChoice loss{network.spec.loss(), network.spec.loss_numbers()};
  return {mean_loss(loss, outputs, targets, float32_),
          accuracy_of(network.spec.loss(), outputs, targets)};
}

Matrix<double> Sequential::predict(const SampleView& x, int n_threads,
                                   const std::stop_token& stop) const {
  const Network& network = with_weights();
  check_x(x, network.spec.n_inputs());
  return network.outputs(x, n_threads, stop);
}

std::vector<Node> Sequential::nodes_to(std::size_t layer) const {
  auto parts = parts_of({layers_.data(), layer + 1});
  // The last activation is the loss's work.
  if (layer + 1 == layers_.size()) parts = chain_of(layers_).layers;
  return nodes_of(built().input, parts);
}

std::vector<LayerSummary> Sequential::summary() const {
  std::vector<LayerSummary> lines;
  std::map<std::string, int> numbers;  // layers of a kind so far
  std::size_t n_before = 0;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const std::string& kind = layers_[i].kind;
    const auto nodes = nodes_to(i);
    std::size_t n = 0;
    for (const Node& node : nodes) {
      for (const Slot& slot : node.slots) n += slot.size;
    }
    const std::string name = fmt::format("{}_{}", in_snake_case(kind), ++numbers[kind]);
    lines.push_back({name, kind, shape_of(nodes.back()), n - n_before});
    n_before = n;
  }
  return lines;
}

std::vector<WeightPlace> Sequential::weight_places() const {
  const Network& network = built();
  const auto& nodes = network.spec.nodes();
  std::vector<WeightPlace> places;
  std::size_t node = 0;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    for (const std::size_t end = nodes_to(i).size(); node < end; ++node) {
      for (const Slot& slot : nodes[node].slots) {
        places.push_back({i, std::string(slot.name), slot.offset, shape_of(nodes[node], slot)});
      }
    }
  }
  return places;
}

std::size_t Sequential::count_params() const { return built().spec.n_parameters(); }
std::size_t Sequential::count_trainable_params() const { return built().spec.n_trained(); }
Shape Sequential::input_shape() const { return shape_of(built().spec.nodes().front()); }
std::size_t Sequential::n_outputs() const { return built().spec.n_outputs(); }
std::vector<double> Sequential::weights() const { return with_weights().trained.parameters(); }
void Sequential::set_weights(std::span<const double> weights) {
  with_weights().trained.set_parameters(weights);
}

}  // namespace skarma::nn
