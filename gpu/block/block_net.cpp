#include <skarma/gpu/block/block_net.hpp>

namespace skarma::gpu {
namespace {

int number(const std::optional<BufferId>& buffer) {
  return buffer ? static_cast<int>(*buffer) : kNone;
}

int number(const Activation* activation) {
  return activation != nullptr ? static_cast<int>(activation->function) : kNone;
}

BlockStep block_step(const PlanStep& step, const Node& node) {
  BlockStep flat{.operation = step.operation,
                 .layer = step.layer,
                 .input = number(step.input),
                 .second = number(step.second),
                 .activation = number(step.activation),
                 .preactivation = number(step.preactivation),
                 .output = static_cast<int>(step.output),
                 .delta = number(step.delta),
                 .place = kNone,
                 .joined = kNone,
                 .onto = kNone,
                 .trains_bias = false,
                 .units = node.units,
                 .slots = {},
                 .unit_numbers = step.unit_numbers,
                 .rate = node.rate,
                 .node = static_cast<std::uint32_t>(step.node)};
  if (const auto& to = step.input_delta) {
    flat.place = static_cast<int>(to->place);
    flat.joined = number(to->joined);
    flat.onto = number(to->onto);
  }
  if (step.operation == Operation::dense) flat.trains_bias = node.slots[1].trained;
  if (step.operation == Operation::batch_norm) {
    for (std::size_t i = 0; i < node.slots.size(); ++i) flat.slots[i] = node.slots[i].offset;
  }
  return flat;
}

}  // namespace

BlockProgram::BlockProgram(const NetworkSpec& spec) : spec_(spec) {
  for (const PlanStep& step : spec_.plan().steps) {
    steps_.push_back(block_step(step, spec_.nodes()[step.node]));
  }
  for (const std::size_t width : spec_.plan().widths) {
    starts_.push_back(row_width_);
    row_width_ += width;
  }
  for (const ParameterRun& run : spec_.runs()) {
    runs_.push_back({run.begin, run.end, run.penalised, run.rate_factor, run.decay_factor});
  }
}

BlockNet BlockProgram::net() const {
  const Loss& loss = spec_.loss();
  return {.steps = steps_.data(),
          .n_steps = steps_.size(),
          .starts = starts_.data(),
          .runs = runs_.data(),
          .n_runs = runs_.size(),
          .n_inputs = spec_.n_inputs(),
          .n_outputs = spec_.n_outputs(),
          .n_trained = spec_.n_trained(),
          .loss = loss.function,
          .link = loss.elementwise_link ? static_cast<int>(*loss.elementwise_link) : kNone,
          .averages_outputs = loss.reduction == Reduction::mean};
}

}  // namespace skarma::gpu
