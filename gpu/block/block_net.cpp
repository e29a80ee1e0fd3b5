#include <skarma/gpu/block/block_net.hpp>

#include <algorithm>
#include <limits>
#include <stdexcept>

#include <fmt/format.h>

namespace skarma::gpu {
namespace {

int number(const std::optional<BufferId>& buffer) {
  return buffer ? static_cast<int>(*buffer) : kNone;
}

int code(const std::optional<Activation>& activation) {
  return activation ? static_cast<int>(activation->function) : kNone;
}

Count count(std::size_t n) { return static_cast<Count>(n); }

BlockWindow block_window(const Window& window) {
  return {.in_height = count(window.input.height),
          .in_width = count(window.input.width),
          .channels = count(window.input.channels),
          .out_height = count(window.output.height),
          .out_width = count(window.output.width),
          .height = count(window.height),
          .width = count(window.width),
          .row_stride = count(window.row_stride),
          .column_stride = count(window.column_stride),
          .top = count(window.top),
          .left = count(window.left)};
}

/// Whether it has a vector of parameters whose size is the channels of its values.
bool goes_by_channel(Operation operation) {
  return has_weights(operation) || operation == Operation::batch_norm ||
         operation == Operation::layer_norm;
}

BlockStep block_step(const PlanStep& step, const Node& node) {
  BlockStep flat{.operation = step.operation,
                 .input = number(step.input),
                 .second = number(step.second),
                 .activation = code(step.activation),
                 .preactivation = number(step.preactivation),
                 .output = static_cast<int>(step.output),
                 .delta = number(step.delta),
                 .place = kNone,
                 .joined = kNone,
                 .onto = kNone,
                 .trains_bias = false,
                 .trains_coefs = false,
                 .frozen = node.is_frozen(),
                 .inputs = count(step.layer.inputs),
                 .units = count(node.units),
                 .places = 1,
                 .channels = count(node.units),
                 .coef = count(step.layer.coef),
                 .intercept = count(step.layer.intercept),
                 .slots = {},
                 .unit_numbers = count(step.unit_numbers),
                 .row_scales = number(step.row_scales),
                 .largest = kNone,
                 .node = count(step.node),
                 .rate = node.rate,
                 .shift = node.shift,
                 .dropped = is_dropout(step.operation) ? dropped_values(step.operation, node.rate)
                                                       : DroppedValues{},
                 .window = block_window(node.window),
                 .activation_number = step.activation ? step.activation->number : 0.0,
                 .joined_number = 0.0};
  if (const auto& to = step.input_delta) {
    flat.place = static_cast<int>(to->place);
    flat.joined = code(to->joined);
    flat.joined_number = to->joined.number;
    flat.onto = number(to->onto);
  }
  // A copy of a step's values (plan.hpp) has the slots of that step's node.
  if (goes_by_channel(step.operation)) {
    flat.channels = count(node.slots[1].size);
    flat.places = flat.units / flat.channels;
  }
  if (has_weights(step.operation)) flat.trains_bias = node.slots[1].trained;
  if (step.operation == Operation::conv2d || is_pool(step.operation)) {
    flat.inputs = count(node.window.input.size());
  }
  if (step.operation == Operation::batch_norm || step.operation == Operation::layer_norm) {
    for (std::size_t i = 0; i < node.slots.size(); ++i) flat.slots[i] = count(node.slots[i].offset);
  }
  return flat;
}

bool trains_coefs(const NetworkSpec& spec, const LayerPlace& layer) {
  return std::ranges::any_of(spec.runs(), [&](const ParameterRun& run) {
    return run.begin <= layer.coef && layer.coef < run.end;
  });
}

void check_size(const NetworkSpec& spec) {
  std::size_t row_width = spec.n_inputs();
  for (const std::size_t width : spec.plan().widths) row_width += width;
  for (const Node& node : spec.nodes()) {
    if (node.operation == Operation::max_pool) row_width += node.units;
  }
  const std::size_t largest = std::max(row_width, spec.n_parameters());
  if (largest <= std::numeric_limits<std::int32_t>::max()) return;
  throw std::invalid_argument(
      fmt::format("A network with {} parameters is too large for this device.", largest));
}

}  // namespace

BlockProgram::BlockProgram(const NetworkSpec& spec) {
  check_size(spec);
  const Plan& plan = spec.plan();
  for (const PlanStep& step : plan.steps) {
    steps_.push_back(block_step(step, spec.nodes()[step.node]));
    steps_.back().trains_coefs = has_weights(step.operation) && trains_coefs(spec, step.layer);
    if (step.operation == Operation::batch_norm && !steps_.back().frozen) {
      net_.needs_whole_batches = true;
    }
    if (step.operation == Operation::maxout) steps_.back().inputs = count(plan.widths[*step.input]);
  }
  for (const std::size_t width : plan.widths) add_buffer(width);
  for (BlockStep& step : steps_) {
    if (step.operation == Operation::max_pool) step.largest = add_buffer(step.units);
  }
  for (const ParameterRun& run : spec.runs()) {
    runs_.push_back(
        {count(run.begin), count(run.end), run.penalised, run.rate_factor, run.decay_factor});
  }
  const Loss& loss = spec.loss();
  net_.steps = steps_.data();
  net_.starts = starts_.data();
  net_.runs = runs_.data();
  net_.n_steps = count(steps_.size());
  net_.n_runs = count(runs_.size());
  net_.n_inputs = count(spec.n_inputs());
  net_.n_outputs = count(spec.n_outputs());
  net_.n_trained = count(spec.n_trained());
  net_.n_parameters = count(spec.n_parameters());
  net_.n_unit_numbers = count(plan.n_unit_numbers);
  net_.loss = loss.function;
  net_.link =
      loss.link.elementwise ? static_cast<int>(*loss.link.elementwise) : link_code(loss.link.rows);
  loss_numbers_ = spec.loss_numbers();
  net_.loss_numbers = loss_numbers_.data();
  net_.n_loss_numbers = count(loss_numbers_.size());
  net_.is_of_codes = loss.targets == TargetKind::code;
  const LossChoice& choice = spec.loss_choice();
  net_.delta_factor = choice.delta_factor(spec.n_outputs());
  net_.value_factor = choice.value_factor(spec.n_outputs());
  net_.averages_outputs = loss.reduction == Reduction::mean;
}

int BlockProgram::add_buffer(std::size_t width) {
  starts_.push_back(net_.row_width);
  net_.row_width += count(width);
  return static_cast<int>(starts_.size()) - 1;
}

bool BlockProgram::is_like(const BlockProgram& other) const {
  return steps_ == other.steps_ && starts_ == other.starts_ && runs_ == other.runs_ &&
         net_.n_inputs == other.net_.n_inputs && net_.loss == other.net_.loss &&
         loss_numbers_ == other.loss_numbers_ && net_.delta_factor == other.net_.delta_factor &&
         net_.value_factor == other.net_.value_factor;
}

}  // namespace skarma::gpu
