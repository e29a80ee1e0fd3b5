// How a trained network is written to and read from a model file.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <sstream>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include <skarma/core/engine/device_name.hpp>
#include <skarma/core/engine/registry.hpp>
#include <skarma/core/optim/schedule.hpp>
#include <skarma/estimators/io/internal/model_archive.hpp>
#include <skarma/estimators/mlp/internal/node_list.hpp>
#include <skarma/estimators/mlp/internal/trained_network.hpp>

namespace skarma {
namespace {

constexpr StopReason kStopReasons[] = {
    StopReason::converged,          StopReason::max_iter,  StopReason::max_fun,
    StopReason::line_search_failed, StopReason::one_epoch, StopReason::interrupted,
    StopReason::callback,
};

void write_if(ModelArchive& archive, const std::string& name, const std::optional<double>& value) {
  if (value) archive.write_number(name, *value);
}

std::optional<double> read_if(const ModelArchive& archive, const std::string& name) {
  return archive.has_tensor(name) ? std::optional(archive.number(name)) : std::nullopt;
}

/// A count that training may go on from without an overflow.
template <class Count>
Count read_count(const ModelArchive& archive, const std::string& name) {
  const std::int64_t value = archive.whole(name);
  if (value < 0 || value > std::numeric_limits<Count>::max() / 2) {
    archive.fail(fmt::format("'{}' is {}", name, value));
  }
  return static_cast<Count>(value);
}

void write_column(ModelArchive& archive, const std::string& name,
                  const std::vector<double>& column) {
  if (!column.empty()) archive.write_tensor(name, {column.size()}, column);
}

/// What older files do not have is empty.
std::vector<double> read_column(const ModelArchive& archive, const std::string& name) {
  return archive.numbers_if_there(name).value_or(std::vector<double>());
}

constexpr std::pair<const char*, std::vector<double> HistoryTable::*> kIterationColumns[] = {
    {"iterations.loss", &HistoryTable::loss},
    {"iterations.validation_score", &HistoryTable::validation_score},
    {"iterations.validation_loss", &HistoryTable::validation_loss},
    {"iterations.learning_rate", &HistoryTable::learning_rate},
    {"iterations.seconds", &HistoryTable::seconds},
};

std::optional<HistoryTable> read_iterations(const ModelArchive& archive) {
  HistoryTable table;
  table.loss = read_column(archive, kIterationColumns[0].first);
  if (table.loss.empty()) return std::nullopt;
  for (const auto& [name, column] : kIterationColumns) {
    table.*column = read_column(archive, name);
    if ((table.*column).size() != table.loss.size()) {
      archive.fail(fmt::format("'{}' is not as long as 'iterations.loss'", name));
    }
  }
  return table;
}

void write_history(ModelArchive archive, const TrainingHistory& history) {
  archive.write_whole("n_iter", history.n_iter);
  archive.write_whole("t", history.t);
  archive.write_whole("no_improvement_count", history.no_improvement_count);
  archive.write_number("loss", history.loss);
  archive.write_tensor("loss_curve", {history.loss_curve.size()}, history.loss_curve.values());
  write_if(archive, "best_loss", history.best_loss);
  write_if(archive, "best_validation_score", history.best_validation_score);
  if (history.validation_scores) {
    archive.write_tensor("validation_scores", {history.validation_scores->size()},
                         *history.validation_scores);
  }
  write_column(archive, "validation_losses", history.validation_losses.values());
  write_column(archive, "learning_rates", history.learning_rates.values());
  write_column(archive, "seconds", history.seconds.values());
  if (!history.iterations) return;
  for (const auto& [name, column] : kIterationColumns) {
    write_column(archive, name, (*history.iterations).*column);
  }
}

TrainingHistory read_history(const ModelArchive& archive) {
  TrainingHistory history;
  history.n_iter = read_count<int>(archive, "n_iter");
  history.t = read_count<std::int64_t>(archive, "t");
  history.no_improvement_count = read_count<int>(archive, "no_improvement_count");
  history.loss = archive.number("loss");
  history.loss_curve = archive.tensor("loss_curve").values<double>();
  history.best_loss = read_if(archive, "best_loss");
  history.best_validation_score = read_if(archive, "best_validation_score");
  history.validation_scores = archive.numbers_if_there("validation_scores");
  history.validation_losses = read_column(archive, "validation_losses");
  history.learning_rates = read_column(archive, "learning_rates");
  history.seconds = read_column(archive, "seconds");
  history.iterations = read_iterations(archive);
  return history;
}

void write_rate(ModelArchive archive, const LearningRate& rate) {
  archive.write_text("schedule", rate.schedule);
  archive.write_number("initial", rate.initial);
  archive.write_number("power_t", rate.power_t);
  archive.write_number("current", rate.current);
  if (!Schedule::is_one(rate.schedule)) return;
  archive.write_whole("n_epochs", rate.n_epochs);
  archive.write_whole("epoch", rate.epoch);
  archive.write_whole("n_worse", rate.n_worse);
  if (std::isfinite(rate.best)) archive.write_number("best", rate.best);
}

LearningRate read_rate(const ModelArchive& archive) {
  LearningRate rate{archive.text("schedule"), archive.number("initial"), archive.number("power_t"),
                    archive.number("current")};
  if (!Schedule::is_one(rate.schedule)) return rate;
  try {
    Schedule::parse(rate.schedule);
  } catch (const std::invalid_argument& error) {
    archive.fail(error.what());
  }
  rate.n_epochs = read_count<std::int64_t>(archive, "n_epochs");
  rate.epoch = read_count<std::int64_t>(archive, "epoch");
  rate.n_worse = read_count<std::int64_t>(archive, "n_worse");
  if (const auto best = read_if(archive, "best")) rate.best = *best;
  return rate;
}

template <class T>
void write_optimiser(ModelArchive archive, const OptimiserState<T>& state) {
  archive.write_text("name", state.rule.name);
  archive.write_flag("nesterovs_momentum", state.rule.nesterovs_momentum);
  archive.write_number("momentum", state.rule.momentum);
  archive.write_number("beta_1", state.rule.beta_1);
  archive.write_number("beta_2", state.rule.beta_2);
  archive.write_number("epsilon", state.rule.epsilon);
  archive.write_number("weight_decay", state.rule.weight_decay);
  archive.write_whole("n_steps", state.n_steps);
  archive.write_tensor("moments", {state.moments.size()}, state.moments);
}

template <class T>
OptimiserState<T> read_optimiser(const ModelArchive& archive, std::size_t n_parameters) {
  UpdateRule rule{
      archive.text("name"),     archive.number("momentum"), archive.flag("nesterovs_momentum"),
      archive.number("beta_1"), archive.number("beta_2"),   archive.number("epsilon")};
  if (const auto decay = read_if(archive, "weight_decay")) rule.weight_decay = *decay;
  auto state = start_optimiser<T>(rule, n_parameters);
  const std::size_t expected = state.moments.size();
  state.moments = archive.tensor("moments").values<T>();
  state.n_steps = read_count<std::int64_t>(archive, "n_steps");
  if (state.moments.size() != expected) archive.fail("the moments do not fit the network");
  return state;
}

/// "relu", or "relu,tanh" where hidden layers have different ones.
std::string text_of(const std::vector<Activation>& activations) {
  const bool are_one = std::ranges::all_of(
      activations, [&](const Activation& a) { return a == activations.front(); });
  std::string text;
  for (const Activation& activation : activations) {
    text += (text.empty() ? "" : ",") + to_string(activation);
    if (are_one) break;
  }
  return text;
}

std::vector<Activation> read_activations(const ModelArchive& archive, std::size_t n_hidden) {
  std::istringstream names(archive.text("activation") + ",");
  std::vector<Activation> activations;
  for (std::string name; std::getline(names, name, ',');) {
    try {
      activations.push_back(parse_activation(name));
    } catch (const std::invalid_argument&) {
      archive.fail(fmt::format("the activation '{}' is not known", name));
    }
  }
  if (activations.size() != 1 && activations.size() != n_hidden) {
    archive.fail("there are not as many activations as hidden layers");
  }
  return activations;
}

/// Files of version 1 name the loss by its link, of which each loss then had its own.
LossChoice read_loss(const ModelArchive& archive, std::size_t n_outputs) {
  const bool has_name = archive.has("loss");
  const std::string text = archive.text(has_name ? "loss" : "out_activation");
  const auto loss = std::ranges::find_if(
      kLosses, [&](const Loss& row) { return text == (has_name ? row.name : row.link.name); });
  if (loss == kLosses.end()) {
    archive.fail(
        fmt::format("the {} '{}' is not known", has_name ? "loss" : "output activation", text));
  }
  LossChoice choice(*loss);
  if (archive.has_tensor("loss_numbers")) {
    choice.numbers = archive.tensor("loss_numbers").values<double>();
  }
  const bool fits = choice.numbers.size() == (loss->function == kQuantile ? n_outputs : 1);
  if (loss->number.name.empty() ? !choice.numbers.empty() : !fits)
    archive.fail("the numbers of the loss do not fit it");
  return choice;
}

/// What is not as it is by default.
void write_options(ModelArchive& archive, const HiddenLayerOptions& options) {
  if (const auto* rates = std::get_if<std::vector<double>>(&options.dropout)) {
    archive.write_tensor("dropout_rates", {rates->size()}, *rates);
  } else if (const double rate = std::get<double>(options.dropout); rate > 0.0) {
    archive.write_number("dropout", rate);
  }
  if (options.noise > 0.0) archive.write_number("noise", options.noise);
  if (options.residual) archive.write_flag("residual", true);
}

/// One rate, or one for each layer.
DropoutRates read_dropout(const ModelArchive& archive, std::size_t n_layers) {
  const auto is_rate = [](double rate) { return rate >= 0.0 && rate < 1.0; };
  const auto several = archive.numbers_if_there("dropout_rates");
  if (!several) {
    const double rate = read_if(archive, "dropout").value_or(0.0);
    if (!is_rate(rate)) archive.fail("the rate of dropout");
    return rate;
  }
  if (several->size() != n_layers) archive.fail("there is not one rate of dropout for each layer");
  if (!std::ranges::all_of(*several, is_rate)) archive.fail("the rate of dropout");
  return *several;
}

/// Normalisations are there if their numbers are.
HiddenLayerOptions read_options(const ModelArchive& archive, std::size_t n_layers) {
  HiddenLayerOptions options;
  options.dropout = read_dropout(archive, n_layers);
  options.noise = read_if(archive, "noise").value_or(0.0);
  if (!(options.noise >= 0.0 && std::isfinite(options.noise))) archive.fail("the noise");
  options.residual = archive.has("residual") && archive.flag("residual");
  options.batch_norm = archive.has_tensor(layer_name("batch_norms", 0));
  options.layer_norm = archive.has_tensor(layer_name("layer_norms", 0));
  if (options.batch_norm && options.layer_norm) archive.fail("two kinds of normalisation");
  return options;
}

/// What a network of hidden layers is.
void write_shape(ModelArchive& archive, const NetworkSpec& spec) {
  archive.write_whole("n_layers", static_cast<std::int64_t>(spec.layers().size()));
  archive.write_text("activation", text_of(spec.activations()));
  archive.write_text("loss", std::string(spec.loss().name));
  const auto& numbers = spec.loss_numbers();
  if (numbers != LossChoice(spec.loss()).numbers) {
    archive.write_tensor("loss_numbers", {numbers.size()}, numbers);
  }
  write_options(archive, spec.options());
}

/// The shapes come from tensors that are there, so that no lie about a size can cost memory.
NetworkSpec read_shape(const ModelArchive& archive) {
  const std::int64_t n_layers = archive.whole("n_layers");
  if (n_layers < 1) archive.fail("the network has no layer");
  const std::size_t n_hidden = static_cast<std::size_t>(n_layers) - 1;
  const auto hidden = read_activations(archive, n_hidden);
  std::vector<std::size_t> units;
  for (std::size_t i = 0; i <= n_hidden; ++i) {
    const auto& shape = archive.tensor(layer_name("coefs", i)).shape;
    const std::size_t pieces = i < n_hidden ? pieces_of(hidden[hidden.size() == 1 ? 0 : i]) : 1;
    const bool fits = shape.size() == 2 && shape[0] > 0 && shape[1] > 0 && shape[1] % pieces == 0 &&
                      (units.empty() || units.back() == shape[0]);
    if (!fits) archive.fail(fmt::format("the weights of layer {} do not fit", i));
    if (units.empty()) units.push_back(shape[0]);
    units.push_back(shape[1] / pieces);
  }
  const LossChoice loss = read_loss(archive, units.back());
  const HiddenLayerOptions options = read_options(archive, static_cast<std::size_t>(n_layers));
  return {std::move(units), hidden, loss, options};
}

/// What computed the last fit. Files name it if it was not the processor.
std::string read_device(const ModelArchive& archive) {
  if (!archive.has("device")) return "cpu";
  std::string device = archive.text("device");
  const bool is_known =
      std::ranges::find(kDevices, device) != kDevices.end() || plugin_device(device).has_value();
  if (!is_known) archive.fail(fmt::format("the device '{}' is not known", device));
  return device;
}

/// Calls use(name, node) for the nodes that normalise.
template <class Use>
void for_norms(const NetworkSpec& spec, const Use& use) {
  std::map<Operation, std::size_t> n_before;
  for (const Node& node : spec.nodes()) {
    if (has_weights(node.operation) || node.slots.empty()) continue;
    use(norm_name(node, n_before[node.operation]++), node);
  }
}

template <class T>
void write_parameters(ModelArchive& archive, const NetworkSpec& spec, const std::vector<T>& w) {
  const auto run = [&](std::size_t offset, std::size_t count) {
    const auto first = w.begin() + static_cast<std::ptrdiff_t>(offset);
    return std::vector<T>(first, first + static_cast<std::ptrdiff_t>(count));
  };
  const auto& layers = spec.layers();
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const LayerPlace& layer = layers[i];
    archive.write_tensor(layer_name("coefs", i), {layer.inputs, layer.outputs},
                         run(layer.coef, layer.inputs * layer.outputs));
    archive.write_tensor(layer_name("intercepts", i), {layer.outputs},
                         run(layer.intercept, layer.outputs));
  }
  for_norms(spec, [&](const std::string& name, const Node& node) {
    std::vector<T> numbers;
    for (const Slot& slot : node.slots) {
      const auto own = run(slot.offset, slot.size);
      numbers.insert(numbers.end(), own.begin(), own.end());
    }
    archive.write_tensor(name, {node.slots.size(), node.slots.front().size}, numbers);
  });
}

/// Of the numbers that a tensor has.
std::size_t size_of(const Tensor& tensor) {
  std::size_t n = 1;
  for (const std::size_t side : tensor.shape) n *= side;
  return n;
}

/// Before memory is taken for what another entry of the file says.
void check_sizes(const ModelArchive& archive, const NetworkSpec& spec) {
  for (std::size_t i = 0; i < spec.layers().size(); ++i) {
    const LayerPlace& layer = spec.layers()[i];
    if (size_of(archive.tensor(layer_name("coefs", i))) != layer.inputs * layer.outputs) {
      archive.fail(fmt::format("the weights of layer {} do not fit", i));
    }
    if (size_of(archive.tensor(layer_name("intercepts", i))) != layer.outputs) {
      archive.fail("the biases do not fit the weights");
    }
  }
  for_norms(spec, [&](const std::string& name, const Node& node) {
    if (size_of(archive.tensor(name)) == node.slots.size() * node.slots.front().size) return;
    archive.fail(fmt::format("the {} normalisation does not fit the weights",
                             node.operation == Operation::layer_norm ? "layer" : "batch"));
  });
}

template <class T>
std::vector<T> read_parameters(const ModelArchive& archive, const NetworkSpec& spec) {
  std::vector<T> w(spec.n_parameters());
  for (std::size_t i = 0; i < spec.layers().size(); ++i) {
    const LayerPlace& layer = spec.layers()[i];
    const auto coefs = archive.tensor(layer_name("coefs", i)).template values<T>();
    const auto intercepts = archive.tensor(layer_name("intercepts", i)).template values<T>();
    std::copy(coefs.begin(), coefs.end(), w.begin() + static_cast<std::ptrdiff_t>(layer.coef));
    std::copy(intercepts.begin(), intercepts.end(),
              w.begin() + static_cast<std::ptrdiff_t>(layer.intercept));
  }
  for_norms(spec, [&](const std::string& name, const Node& node) {
    const auto numbers = archive.tensor(name).template values<T>();
    const std::size_t units = node.slots.front().size;
    for (std::size_t i = 0; i < node.slots.size(); ++i) {
      std::copy_n(&numbers[i * units], units, &w[node.slots[i].offset]);
    }
  });
  return w;
}

}  // namespace

void TrainedNetwork::write_network(ModelArchive& archive) const {
  const auto write = [&]<class T>(const ModelState<T>& state) {
    write_parameters(archive, spec(), state.parameters);
    if (rate_) write_optimiser(archive.part("optimiser"), state.optimiser);
  };
  std::visit(write, state_);
}

void TrainedNetwork::write(ModelArchive& archive) const {
  archive.write_text("dtype", is_float32() ? "float32" : "float64");
  if (!spec().is_chain()) write_shape(archive, spec());
  write_nodes(archive, spec());
  archive.write_text("stop_reason", to_string(stop_reason_));
  archive.write_whole("n_evaluations", n_evaluations_);
  if (exceeded_max_fun_) archive.write_flag("exceeded_max_fun", true);
  if (device_ != "cpu") archive.write_text("device", device_);
  write_history(archive.part("history"), history_);
  if (rate_) write_rate(archive.part("learning_rate"), *rate_);
  write_network(archive);
}

void TrainedNetwork::read_network(ModelArchive& archive, const NetworkSpec& spec, bool float32) {
  if (float32) {
    state_.emplace<ModelState<float>>();
  } else {
    state_.emplace<ModelState<double>>();
  }
  const auto read = [&]<class T>(ModelState<T>& state) {
    state.parameters = read_parameters<T>(archive, spec);
    if (!rate_) return;
    const ModelArchive optimiser = archive.part("optimiser");
    // A fit by lbfgs after one by adam left the name of the optimiser once, without its moments.
    if (optimiser.tensor("moments").bytes.empty() && optimiser.text("name") == "adam") {
      rate_.reset();
    } else {
      state.optimiser = read_optimiser<T>(optimiser, spec.n_trained());
    }
  };
  std::visit(read, state_);
  spec_ = spec;
}

void TrainedNetwork::read(ModelArchive& archive) { read(archive, read_shape(archive)); }

void TrainedNetwork::read(ModelArchive& archive, const NetworkSpec& spec) {
  check_sizes(archive, spec);
  const std::string reason = archive.text("stop_reason");
  const auto stop = std::find_if(std::begin(kStopReasons), std::end(kStopReasons),
                                 [&](StopReason r) { return to_string(r) == reason; });
  if (stop == std::end(kStopReasons)) archive.fail(fmt::format("the stop reason '{}'", reason));
  stop_reason_ = *stop;
  n_evaluations_ = read_count<int>(archive, "n_evaluations");
  exceeded_max_fun_ = archive.has("exceeded_max_fun") && archive.flag("exceeded_max_fun");
  device_ = read_device(archive);
  history_ = read_history(archive.part("history"));
  rate_.reset();
  if (archive.has("learning_rate")) rate_ = read_rate(archive.part("learning_rate"));

  const std::string dtype = archive.text("dtype");
  if (dtype != "float32" && dtype != "float64") {
    archive.fail(fmt::format("the type '{}'", dtype));
  }
  read_network(archive, spec, dtype == "float32");
  check_nodes(archive, spec);
}

}  // namespace skarma
