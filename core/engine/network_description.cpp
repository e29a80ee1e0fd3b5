#include <skarma/core/engine/network_description.hpp>

#include <string_view>

#include <fmt/format.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/core/engine/device_codes.hpp>

namespace skarma {
namespace {

std::int32_t activation_code(const std::optional<Activation>& activation) {
  return activation ? int{activation->function} : SKARMA_NO_ACTIVATION;
}

double activation_number(const std::optional<Activation>& activation) {
  return activation ? activation->number : 0.0;
}

std::int64_t place_or_none(const std::optional<BufferId>& buffer) {
  return buffer ? static_cast<std::int64_t>(*buffer) : -1;
}

skarma_slot described(const Slot& slot) {
  return {.offset = slot.offset,
          .size = slot.size,
          .initial_value = slot.initial.value,
          .initial_bound = slot.initial.bound,
          .rate_factor = slot.rate_factor,
          .decay_factor = slot.decay_factor,
          .kind = code_of(kSlotNames, slot.name),
          .penalised = slot.penalised,
          .trained = slot.trained,
          .frozen = slot.frozen};
}

skarma_image described(const ImageShape& image) {
  return {image.height, image.width, image.channels};
}

skarma_window described(const Window& window) {
  return {.input = described(window.input),
          .output = described(window.output),
          .height = window.height,
          .width = window.width,
          .row_stride = window.row_stride,
          .column_stride = window.column_stride,
          .top = window.top,
          .left = window.left};
}

skarma_node described(const Node& node, const std::vector<skarma_slot>& slots) {
  SKARMA_CHECK(node.reads.size() <= 2);
  skarma_node result{.slots = slots.data(),
                     .n_slots = slots.size(),
                     .reads = {},
                     .n_reads = node.reads.size(),
                     .units = node.units,
                     .window = described(node.window),
                     .image = described(node.image),
                     .rate = node.rate,
                     .shift = node.shift,
                     .activation_number = activation_number(node.activation),
                     .operation = static_cast<std::int32_t>(node.operation),
                     .activation = activation_code(node.activation)};
  std::copy(node.reads.begin(), node.reads.end(), result.reads);
  return result;
}

skarma_layer described(const LayerPlace& layer) {
  return {layer.inputs, layer.outputs, layer.coef, layer.intercept};
}

skarma_run described(const ParameterRun& run) {
  return {run.begin, run.end, run.rate_factor, run.decay_factor, run.penalised};
}

skarma_step described(const PlanStep& step) {
  skarma_step result{.node = step.node,
                     .layer = described(step.layer),
                     .unit_numbers = step.unit_numbers,
                     .output = step.output,
                     .input = place_or_none(step.input),
                     .second = place_or_none(step.second),
                     .preactivation = place_or_none(step.preactivation),
                     .delta = place_or_none(step.delta),
                     .input_delta = -1,
                     .onto = -1,
                     .row_scales = place_or_none(step.row_scales),
                     .joined_number = 0.0,
                     .activation_number = activation_number(step.activation),
                     .joined = SKARMA_NO_ACTIVATION,
                     .operation = static_cast<std::int32_t>(step.operation),
                     .activation = activation_code(step.activation)};
  if (step.input_delta) {
    result.input_delta = place_or_none(step.input_delta->place);
    result.onto = place_or_none(step.input_delta->onto);
    result.joined = activation_code(step.input_delta->joined);
    result.joined_number = step.input_delta->joined.number;
  }
  return result;
}

/// Throws DeviceError for what the interface has no words for.
void check_described(const NetworkSpec& spec) {
  const auto refuse = [](std::string_view what) {
    throw DeviceError(fmt::format("{} are computed by this processor alone: device='cpu'.", what));
  };
  if (spec.has(Operation::custom)) refuse("Layers and activations of your own");
  if (spec.loss_choice().custom) refuse("Losses of your own");
}

}  // namespace

NetworkDescription::NetworkDescription(const NetworkSpec& spec) {
  check_described(spec);
  for (const Node& node : spec.nodes()) {
    auto& slots = slots_.emplace_back();
    for (const Slot& slot : node.slots) slots.push_back(described(slot));
    nodes_.push_back(described(node, slots));
  }
  for (const LayerPlace& layer : spec.layers()) layers_.push_back(described(layer));
  for (const ParameterRun& run : spec.runs()) runs_.push_back(described(run));
  const Plan& plan = spec.plan();
  for (const PlanStep& step : plan.steps) steps_.push_back(described(step));
  loss_numbers_ = spec.loss_numbers();
  widths_.assign(plan.widths.begin(), plan.widths.end());
  touch_.assign(plan.touch.begin(), plan.touch.end());
  network_ = {.nodes = nodes_.data(),
              .n_nodes = nodes_.size(),
              .layers = layers_.data(),
              .n_layers = layers_.size(),
              .runs = runs_.data(),
              .n_runs = runs_.size(),
              .steps = steps_.data(),
              .n_steps = steps_.size(),
              .widths = widths_.data(),
              .touch = touch_.data(),
              .n_widths = widths_.size(),
              .n_unit_numbers = plan.n_unit_numbers,
              .n_trained = spec.n_trained(),
              .n_parameters = spec.n_parameters(),
              .loss_numbers = loss_numbers_.data(),
              .n_loss_numbers = loss_numbers_.size(),
              .loss_mean_factor = spec.loss_choice().mean_factor.value_or(0.0),
              .loss = spec.loss().function,
              .is_chain = spec.is_chain()};
}

}  // namespace skarma
