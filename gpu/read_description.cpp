#include <skarma/gpu/read_description.hpp>

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include <skarma/core/engine/device_codes.hpp>

namespace skarma::gpu {
namespace {

template <class T>
std::span<const T> list_of(const T* first, std::uint64_t n) {
  return {first, static_cast<std::size_t>(n)};
}

template <class T>
std::span<const T> list_of(const void* first, std::uint64_t n) {
  return list_of(static_cast<const T*>(first), n);
}

template <class T>
std::vector<T> copy_of(std::span<const T> list) {
  return {list.begin(), list.end()};
}

std::optional<Activation> activation_of(std::int32_t code, double number) {
  if (code == SKARMA_NO_ACTIVATION) return std::nullopt;
  const auto row = std::find_if(kActivations.begin(), kActivations.end(),
                                [&](const Activation& a) { return int{a.function} == code; });
  SKARMA_CHECK(row != kActivations.end());
  Activation activation = *row;
  activation.number = number;
  return activation;
}

const Loss& loss_of(std::int32_t code) {
  const auto row = std::find_if(kLosses.begin(), kLosses.end(),
                                [&](const Loss& loss) { return int{loss.function} == code; });
  SKARMA_CHECK(row != kLosses.end());
  return *row;
}

Operation operation_of(std::int32_t code) {
  SKARMA_CHECK(code >= 0 && code < static_cast<std::int32_t>(Operation::custom));
  return static_cast<Operation>(code);
}

std::optional<BufferId> place_of(std::int64_t place) {
  return place < 0 ? std::nullopt : std::optional(static_cast<BufferId>(place));
}

Slot read(const skarma_slot& slot) {
  return {.name = name_of(kSlotNames, slot.kind),
          .offset = slot.offset,
          .size = slot.size,
          .initial = {slot.initial_value, slot.initial_bound},
          .penalised = slot.penalised != 0,
          .trained = slot.trained != 0,
          .rate_factor = slot.rate_factor,
          .decay_factor = slot.decay_factor,
          .frozen = slot.frozen != 0};
}

ImageShape read(const skarma_image& image) { return {image.height, image.width, image.channels}; }

Window read(const skarma_window& window) {
  return {.input = read(window.input),
          .output = read(window.output),
          .height = window.height,
          .width = window.width,
          .row_stride = window.row_stride,
          .column_stride = window.column_stride,
          .top = window.top,
          .left = window.left};
}

Node read(const skarma_node& node) {
  SKARMA_CHECK(node.n_reads <= 2);
  Node result{.operation = operation_of(node.operation),
              .reads = {node.reads, node.reads + node.n_reads},
              .units = node.units,
              .activation = activation_of(node.activation, node.activation_number),
              .rate = node.rate,
              .slots = {},
              .window = read(node.window),
              .shift = node.shift,
              .image = read(node.image)};
  for (const skarma_slot& slot : list_of(node.slots, node.n_slots)) {
    result.slots.push_back(read(slot));
  }
  return result;
}

LayerPlace read(const skarma_layer& layer) {
  return {layer.inputs, layer.outputs, layer.coef, layer.intercept};
}

ParameterRun read(const skarma_run& run) {
  return {run.begin, run.end, run.penalised != 0, run.rate_factor, run.decay_factor};
}

PlanStep read(const skarma_step& step) {
  PlanStep result{.node = step.node,
                  .operation = operation_of(step.operation),
                  .layer = read(step.layer),
                  .input = place_of(step.input),
                  .second = place_of(step.second),
                  .activation = activation_of(step.activation, step.activation_number),
                  .preactivation = place_of(step.preactivation),
                  .output = step.output,
                  .delta = place_of(step.delta),
                  .input_delta = {},
                  .unit_numbers = step.unit_numbers,
                  .row_scales = place_of(step.row_scales)};
  if (const auto place = place_of(step.input_delta)) {
    const auto joined = activation_of(step.joined, step.joined_number);
    SKARMA_CHECK(joined.has_value());
    result.input_delta = {*place, *joined, place_of(step.onto)};
  }
  return result;
}

template <class T>
auto read_all(const T* first, std::uint64_t n) {
  std::vector<decltype(read(*first))> all;
  for (const T& item : list_of(first, n)) all.push_back(read(item));
  return all;
}

/// What NetworkParts says twice of a chain.
void add_summary_of_chain(NetworkParts& parts) {
  SKARMA_CHECK(!parts.nodes.empty());
  parts.layer_units.push_back(parts.nodes.front().units);
  for (const Node& node : parts.nodes) {
    if (has_weights(node.operation)) parts.layer_units.push_back(node.units);
  }
}

/// And of others: sizes, activations and options of the nodes.
void add_summary(NetworkParts& parts) {
  SKARMA_CHECK(!parts.layers.empty());
  if (parts.is_chain) return add_summary_of_chain(parts);
  parts.layer_units.push_back(parts.layers.front().inputs);
  for (std::size_t i = 1; i < parts.layers.size(); ++i) {
    parts.layer_units.push_back(parts.layers[i].inputs);
  }
  parts.layer_units.push_back(parts.layers.back().outputs);
  std::vector<double> dropout(parts.layers.size());
  std::size_t layer = 0;
  for (const Node& node : parts.nodes) {
    if (node.operation == Operation::dense) ++layer;
    if (node.operation == Operation::activation) parts.activations.push_back(*node.activation);
    if (node.operation == Operation::maxout) {
      parts.activations.push_back(kMaxout);
      parts.activations.back().number =
          static_cast<double>(parts.nodes[node.reads[0]].units / node.units);
    }
    if (is_dropout(node.operation)) dropout[layer] = node.rate;
    if (node.operation == Operation::batch_norm) parts.options.batch_norm = true;
    if (node.operation == Operation::add) parts.options.residual = true;
    if (node.operation == Operation::noise) parts.options.noise = node.rate;
    if (node.operation == Operation::layer_norm) parts.options.layer_norm = true;
  }
  parts.options.dropout = std::move(dropout);
}

ColumnTransform read(const skarma_transform& transform, std::uint64_t n_columns) {
  SKARMA_CHECK(transform.kind == SKARMA_STANDARDISE || transform.kind == SKARMA_RESCALE);
  ColumnTransform result{.kind = static_cast<ColumnTransform::Kind>(transform.kind),
                         .offset = copy_of(list_of(transform.offset, n_columns)),
                         .scale = copy_of(list_of(transform.scale, n_columns)),
                         .clip = {}};
  if (transform.clips != 0) result.clip = {transform.low, transform.high};
  return result;
}

template <class T>
SampleView read_stored(const skarma_samples& samples) {
  const std::size_t n_rows = samples.n_stored_rows;
  if (samples.storage == SKARMA_DENSE_ROWS) {
    return MatrixView<const T>(static_cast<const T*>(samples.values), n_rows, samples.n_features,
                               samples.row_stride);
  }
  SKARMA_CHECK(samples.storage == SKARMA_SPARSE_ROWS && samples.row_starts != nullptr);
  const auto n_entries = static_cast<std::uint64_t>(samples.row_starts[n_rows]);
  return CsrView<T>(list_of<T>(samples.values, n_entries), list_of(samples.columns, n_entries),
                    list_of(samples.row_starts, n_rows + 1), samples.n_features);
}

UpdateRule read(const skarma_rule& rule) {
  return {.name = std::string(name_of(kRuleNamesByCode, rule.kind)),
          .momentum = rule.momentum,
          .nesterovs_momentum = rule.nesterovs_momentum != 0,
          .beta_1 = rule.beta_1,
          .beta_2 = rule.beta_2,
          .epsilon = rule.epsilon,
          .weight_decay = rule.weight_decay};
}

template <class T>
ModelState<T> state_of(const skarma_start& start) {
  return {copy_of(list_of<T>(start.parameters, start.n_parameters)),
          {read(start.rule), copy_of(list_of<T>(start.moments, start.n_moments)), start.n_steps}};
}

}  // namespace

AnyModelState read_start(const skarma_start& start) {
  if (start.type == SKARMA_FLOAT32) return state_of<float>(start);
  SKARMA_CHECK(start.type == SKARMA_FLOAT64);
  return state_of<double>(start);
}

NetworkSpec read_network(const skarma_network& network) {
  LossChoice loss(loss_of(network.loss),
                  copy_of(list_of(network.loss_numbers, network.n_loss_numbers)));
  if (network.loss_mean_factor != 0.0) loss.mean_factor = network.loss_mean_factor;
  // Member by member: where one of a list throws, g++ 12 undoes some that are not there yet.
  NetworkParts parts{.layer_units = {}, .activations = {}, .loss = std::move(loss), .options = {}};
  parts.is_chain = network.is_chain != 0;
  parts.nodes = read_all(network.nodes, network.n_nodes);
  parts.layers = read_all(network.layers, network.n_layers);
  parts.runs = read_all(network.runs, network.n_runs);
  parts.n_trained = network.n_trained;
  parts.n_parameters = network.n_parameters;
  parts.plan.steps = read_all(network.steps, network.n_steps);
  parts.plan.widths.assign(network.widths, network.widths + network.n_widths);
  for (const std::int32_t touches : list_of(network.touch, network.n_widths)) {
    parts.plan.touch.push_back(touches != 0);
  }
  parts.plan.n_unit_numbers = network.n_unit_numbers;
  add_summary(parts);
  return NetworkSpec(std::make_shared<const NetworkParts>(std::move(parts)));
}

SampleView read_samples(const skarma_samples& samples) {
  SKARMA_CHECK(samples.type == SKARMA_FLOAT64 || samples.type == SKARMA_FLOAT32);
  SampleView view =
      samples.type == SKARMA_FLOAT32 ? read_stored<float>(samples) : read_stored<double>(samples);
  if (samples.chosen != 0) view = view.rows(list_of(samples.rows, samples.n_samples));
  SKARMA_CHECK(view.n_samples() == samples.n_samples);
  for (const skarma_transform& transform : list_of(samples.transforms, samples.n_transforms)) {
    view = view.transformed(
        std::make_shared<const ColumnTransform>(read(transform, samples.n_features)));
  }
  return view;
}

Targets<double> read_targets(const skarma_targets& targets) {
  return {copy_of(list_of(targets.codes, targets.n_codes)),
          copy_of(list_of(targets.values, targets.n_values)),
          copy_of(list_of(targets.weights, targets.n_weights)), targets.n_outputs};
}

ScoreKind read_score_kind(std::int32_t code) {
  SKARMA_CHECK(code >= 0 && code < kScoreKinds);
  return static_cast<ScoreKind>(code);
}

OpenModel read_model(const skarma_open_model& model) {
  return {.spec = read_network(*model.network),
          .alpha = model.alpha,
          .largest_batch = model.largest_batch,
          .data = DataId{model.data},
          .targets = read_targets(model.targets),
          .state = read_start(model.start),
          .seed = model.seed,
          .tf32 = model.tf32 != 0,
          .restraints = {model.l1, model.clip_value, model.clip_norm, model.max_norm}};
}

}  // namespace skarma::gpu
