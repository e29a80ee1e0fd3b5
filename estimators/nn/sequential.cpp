#include <skarma/estimators/nn/sequential.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <skarma/core/augment/augment.hpp>
#include <skarma/core/base/errors.hpp>
#include <skarma/core/engine/device_name.hpp>
#include <skarma/core/engine/output_loss.hpp>
#include <skarma/core/engine/registry.hpp>
#include <skarma/core/engine/shared_engine.hpp>
#include <skarma/estimators/internal/input_checks.hpp>
#include <skarma/estimators/nn/internal/chain.hpp>
#include <skarma/estimators/nn/internal/layer_parts.hpp>
#include <skarma/estimators/nn/internal/layer_weights.hpp>
#include <skarma/estimators/nn/internal/sequential_network.hpp>
#include <skarma/estimators/nn/internal/settings_for.hpp>
#include <skarma/estimators/nn/internal/targets_of.hpp>

namespace skarma::nn {
namespace {

constexpr std::string_view kOwner = "Sequential";

/// A loss with such a link, until there is one.
LossChoice any_loss(std::string_view link) {
  const auto row = std::ranges::find(kLosses, link, [](const Loss& l) { return l.link.name; });
  if (row != kLosses.end()) return link == "identity" ? *find_loss("squared_error") : *row;
  throw std::invalid_argument(fmt::format(
      "The last activation of a Sequential must be 'softmax', 'sigmoid', 'exp' or 'linear'. "
      "Got '{}' instead.",
      link));
}

/// The loss of that name, "" without one yet, or the custom one, which goes with any link.
LossChoice loss_behind(std::string_view link, const std::string& loss,
                       const std::shared_ptr<const CustomLoss>& custom) {
  if (!custom) return loss.empty() ? any_loss(link) : loss_called(loss);
  LossChoice choice(
      *std::ranges::find(kCustomLosses, link, [](const Loss& l) { return l.link.name; }));
  choice.custom = custom;
  return choice;
}

/// Whether it links what a network with this last activation ends in. Quantiles are put in order
/// behind a last layer that is linear.
bool goes_with(const LossChoice& loss, const Chain& chain) {
  if (loss.row->function != kQuantile) return loss.row->link.name == chain.link;
  return chain.link == "identity" && chain.layers.back().units == loss.numbers.size();
}

void check_layers(const std::vector<Layer>& layers) {
  for (std::size_t i = 1; i < layers.size(); ++i) {
    if (layers[i].input_shape.empty()) continue;
    throw std::invalid_argument(
        fmt::format("Layer {}: only the first layer takes an input_shape.", i + 1));
  }
  any_loss(chain_of(layers).link);
}

/// Of an activation or a link.
std::string_view keras_name(std::string_view name) {
  return name == "identity" ? "linear" : name == "logistic" ? "sigmoid" : name;
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

void check_x(const SampleView& x, std::size_t n_inputs) {
  check_samples(kOwner, x);
  if (std::holds_alternative<CsrView<float>>(x.stored()) ||
      std::holds_alternative<CsrView<double>>(x.stored())) {
    throw std::invalid_argument("Sparse samples are for MLPClassifier and MLPRegressor.");
  }
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

Sequential::Sequential(std::vector<Layer> layers, RandomSeed random_state, bool float32)
    : layers_(std::move(layers)), random_state_(std::move(random_state)), float32_(float32) {
  check_layers(layers_);
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
      counts_right_(other.counts_right_),
      custom_loss_(other.custom_loss_),
      device_(other.device_),
      network_(other.network_ ? std::make_shared<Network>(*other.network_) : nullptr) {}
Sequential& Sequential::operator=(const Sequential& other) { return *this = Sequential(other); }

bool Sequential::is_built() const { return network_ != nullptr; }

void Sequential::build(const Shape& input_shape) {
  if (network_) network_->check_unclaimed();
  const ImageShape input = image_of(input_shape);
  const Chain chain = chain_of(layers_);
  network_ = std::make_shared<Network>(
      NetworkSpec(input, chain.layers, loss_behind(chain.link, loss_, custom_loss_)), input,
      random_state_.generator());
  layers_.front().input_shape = input_shape;
}

void Sequential::set_layers(std::vector<Layer> layers) {
  check_layers(layers);
  const Chain chain = chain_of(layers);
  const bool fits = custom_loss_ || (!loss_.empty() && goes_with(loss_called(loss_), chain));
  const LossChoice loss =
      fits ? loss_behind(chain.link, loss_, custom_loss_) : any_loss(chain.link);
  Shape& shape = layers.front().input_shape;
  if (shape.empty() && network_) shape = input_shape();
  const bool reads_others = !shape.empty() && (!network_ || !(network_->input == image_of(shape)));
  if (reads_others) {
    [[maybe_unused]] const NetworkSpec fits_together(image_of(shape), chain.layers, loss);
    if (network_) network_->check_unclaimed();
    network_ = nullptr;
  }
  if (network_) {
    network_->change([&](Network::State& state) {
      const NetworkSpec spec(network_->input, chain.layers, loss);
      const auto random_state = std::make_shared<RandomState>(*state.random_state);
      std::shared_ptr<TrainedNetwork> trained;
      if (state.trained) {
        trained = std::make_shared<TrainedNetwork>();
        trained->start(settings_for({}, {}), spec, float32_, *random_state);
        const Weights old{layers_, places_of(layers_, network_->input, state.spec),
                          state.trained->parameters()};
        Weights next{layers, places_of(layers, network_->input, spec), trained->parameters()};
        carry_over(old, next);
        trained->set_parameters(next.numbers);
      }
      state = {spec, random_state, trained};
    });
  }
  layers_ = std::move(layers);
  if (!fits) {
    optimizer_.reset();
    loss_.clear();
    custom_loss_.reset();
  }
  if (reads_others) build(Shape(layers_.front().input_shape));
}

Sequential Sequential::with_weights(std::span<const double> weights) const {
  Sequential copy = *this;
  if (copy.is_compiled()) {
    copy.compile_with(*optimizer_, loss_, counts_right_, custom_loss_);  // training begins anew
  }
  copy.set_weights(weights);
  return copy;
}

bool Sequential::wants_class_numbers() const {
  return !loss_.empty() && !custom_loss_ && !wants_one_hot(loss_) &&
         loss_called(loss_).row->targets == TargetKind::code;
}

void Sequential::compile(const Optimizer& optimizer, CustomLoss loss) {
  if (!loss.value || !loss.derivative) {
    throw std::invalid_argument(fmt::format("'{}' needs a value and a derivative.", loss.name));
  }
  if (loss.name.empty() || is_loss(loss.name)) {
    throw std::invalid_argument(
        fmt::format("A loss of your own needs a name that no other has. Got '{}'.", loss.name));
  }
  const auto own = std::make_shared<const CustomLoss>(std::move(loss));
  compile_with(optimizer, own->name, false, own);
}

void Sequential::compile(const Optimizer& optimizer, std::string_view loss, bool counts_right) {
  const Chain chain = chain_of(layers_);
  const LossChoice choice = loss_called(loss);
  if (choice.row->function == kQuantile && chain.layers.back().units != choice.numbers.size()) {
    throw std::invalid_argument(
        fmt::format("The loss has {} quantiles, and the last layer {} outputs.",
                    choice.numbers.size(), chain.layers.back().units));
  }
  if (!goes_with(choice, chain)) {
    throw std::invalid_argument(
        fmt::format("The loss '{}' goes with the last activation '{}', and not with '{}'.", loss,
                    keras_name(choice.row->link.name), keras_name(chain.link)));
  }
  compile_with(optimizer, std::string(loss), counts_right, nullptr);
}

void Sequential::compile_with(const Optimizer& optimizer, const std::string& loss,
                              bool counts_right, std::shared_ptr<const CustomLoss> custom) {
  check_optimizer(optimizer);
  const Chain chain = chain_of(layers_);
  const LossChoice choice = loss_behind(chain.link, loss, custom);
  const auto change = [&](Network::State& state) {
    state.spec = NetworkSpec(network_->input, chain.layers, choice);
    if (!state.trained) return;
    state.trained = untrained(state.spec, float32_, state.trained->parameters());
  };
  if (network_) network_->change(change);
  optimizer_ = optimizer;
  loss_ = loss;
  counts_right_ = counts_right;
  custom_loss_ = std::move(custom);
}

void Sequential::set_device(std::string_view device) {
  if (device != "auto" && !is_device(device)) {
    throw std::invalid_argument(
        fmt::format("The 'device' of Sequential must be one of '{}'. Got '{}' instead.",
                    fmt::join(kDeviceNames, "', '"), device));
  }
  const auto change = [&](const auto&) { device_ = device; };
  network_ ? network_->change(change) : change(0);
}

const Sequential::Network& Sequential::built() const {
  if (network_) return *network_;
  throw NotFittedError(
      "This Sequential does not know yet what its samples look like: give the first layer an "
      "input_shape, or call build.");
}

const Optimizer& Sequential::optimizer() const {
  if (is_compiled()) return *optimizer_;
  throw NotFittedError("This Sequential is not compiled yet: call compile.");
}

/// A fit that is ready to be trained, and what it makes.
struct Sequential::Training {
  std::unique_ptr<PreparedFit> fit;
  std::shared_ptr<TrainedNetwork> next;
  std::size_t n_before;  // epochs of the fits before
};

Sequential::Training Sequential::begin(const SampleView& x, const TargetView& y,
                                       const FitSettings& settings) {
  built();
  optimizer();
  const std::shared_ptr<Network> network = network_;  // a fit outlives another in its place
  const auto claim = std::make_shared<const Network::Claim>(network);
  const auto [spec, drawn_from, trained] = network->state(float32_);
  check_fit(settings);
  require_device(settings.control.device.empty() ? device_ : settings.control.device);
  check_x(x, spec.n_inputs());
  if (spec.runs().empty()) {
    throw std::invalid_argument("No layer is trainable: there is nothing to fit.");
  }
  const auto random_state = std::make_shared<RandomState>(*drawn_from);
  TrainingSettings training = settings_for(*optimizer_, settings);
  training.random_state = RandomSeed(random_state);
  training.device = device_;
  TrainingTask task;
  task.loss = spec.loss_choice();
  task.targets = targets_of(spec, loss_, y, x.n_samples());
  check_weights(settings.sample_weight, x.n_samples());
  task.targets.weights = settings.sample_weight;
  task.n_epochs = settings.epochs;
  check_augmentations(settings.augment, network->input);
  task.augmentations = settings.augment;
  task.counts_right = counts_right_ && spec.loss().targets != TargetKind::numbers;
  task.score = [loss = spec.loss()](const Matrix<double>& outputs,
                                    const Targets<double>& held_out) {
    return accuracy_of(loss, outputs, held_out);
  };
  if (settings.validation) {
    const auto& [own_x, own_y] = *settings.validation;
    check_x(own_x, spec.n_inputs());
    task.validation = GivenValidation{own_x, targets_of(spec, loss_, own_y, own_x.n_samples())};
  }
  const auto next = std::make_shared<TrainedNetwork>(*trained);
  if (optimizer_->schedule != "constant") next->restart_rate(training);
  const std::size_t n_before = next->history().loss_curve.size();
  auto fit = next->prepare(kOwner, training, spec, x, std::move(task), FitMode::partial_fit,
                           settings.control);
  if (!settings.control.callbacks.empty()) {
    const auto before = std::make_shared<const Sequential>(*this);
    const auto to_bytes = [before](std::span<const double> parameters) {
      return before->with_weights(parameters).to_bytes();
    };
    std::visit([&](auto& run) { run.to_bytes = to_bytes; }, fit->run);
  }
  fit->finish = [next, network, claim, x, training = std::move(training),
                 state = Network::State{spec, random_state, next}](PreparedFit& done) {
    next->finish(training, x, done);
    network->set(state);
    static_cast<void>(claim);  // until now
  };
  return {std::move(fit), next, n_before};
}

std::unique_ptr<PreparedFit> Sequential::prepare(const SampleView& x, const TargetView& y,
                                                 const FitSettings& settings) {
  return begin(x, y, settings).fit;
}

HistoryTable Sequential::fit(const SampleView& x, const TargetView& y,
                             const FitSettings& settings) {
  const Training training = begin(x, y, settings);
  train_alone(*training.fit, settings.control);
  return last_epochs(training.next->history().table(), training.n_before);
}

Evaluation Sequential::evaluate(const SampleView& x, const TargetView& y, int n_threads) const {
  const NetworkSpec spec = built().spec();
  const auto targets = targets_of(spec, loss_, y, x.n_samples());
  const Matrix<double> outputs = predict(x, n_threads);
  return {mean_loss(spec.loss_choice(), outputs, targets, float32_),
          accuracy_of(spec.loss(), outputs, targets)};
}

Matrix<double> Sequential::predict(const SampleView& x, int n_threads,
                                   const std::stop_token& stop) const {
  return predict(x, PredictionControl{stop}, n_threads);
}

Matrix<double> Sequential::predict(const SampleView& x, const PredictionControl& control,
                                   int n_threads) const {
  built();
  const Network::State state = network_->state(float32_);
  check_x(x, state.spec.n_inputs());
  const std::string device = control.device.empty()
                                 ? device_to_predict_on(device_, state.trained->device())
                                 : control.device;
  if (control.engine != nullptr) {
    return state.trained->outputs(control.engine->on(device, n_threads), x, true, control.stop);
  }
  const auto engine = make_engine_to_predict(device, n_threads, x.n_samples());
  return state.trained->outputs(*engine, x, true, control.stop);
}

HistoryTable Sequential::history() const {
  built();
  return network_->state(float32_).trained->history().table();
}

Matrix<double> Sequential::features(const SampleView& x, std::size_t layer, int n_threads,
                                    const std::stop_token& stop) const {
  built();
  if (layer >= layers_.size()) {
    throw std::invalid_argument(
        fmt::format("There is no layer {}: layers are 0 ... {}.", layer, layers_.size() - 1));
  }
  if (layer + 1 == layers_.size()) return predict(x, n_threads, stop);
  const Network::State state = network_->state(float32_);
  check_x(x, state.spec.n_inputs());
  auto before = parts_of({layers_.data(), layer + 1});
  const Node last = nodes_to(layer, layers_, network_->input).back();
  if (last.is_image()) before.push_back({Operation::flatten});
  const auto network = network_to(std::move(before), network_->input, *state.trained);
  const auto engine = make_engine_to_predict("cpu", n_threads, x.n_samples());
  return network->before_last(*engine, x, stop);
}

std::vector<LayerSummary> Sequential::summary() const {
  std::vector<LayerSummary> lines;
  std::map<std::string, int> numbers;  // layers of a kind so far
  std::size_t n_before = 0;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const std::string& kind = layers_[i].kind;
    const auto nodes = nodes_to(i, layers_, built().input);
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
  return places_of(layers_, built().input, built().spec());
}

std::size_t Sequential::count_params() const { return built().spec().n_parameters(); }
std::size_t Sequential::count_trainable_params() const {
  std::size_t n = 0;
  for (const ParameterRun& run : built().spec().runs()) n += run.end - run.begin;
  return n;
}
std::size_t Sequential::n_outputs() const { return chain_of(layers_).layers.back().units; }
Shape Sequential::input_shape() const { return shape_of(built().spec().nodes().front()); }
std::vector<double> Sequential::weights() const {
  built();
  return network_->state(float32_).trained->parameters();
}
void Sequential::set_weights(std::span<const double> weights) {
  built();
  network_->change([&](Network::State& state) {
    auto next = std::make_shared<TrainedNetwork>(state.drawn(float32_));
    next->set_parameters(weights);
    state.trained = std::move(next);
  });
}

}  // namespace skarma::nn
