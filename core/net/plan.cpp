#include <skarma/core/net/plan.hpp>

#include <algorithm>
#include <utility>

#include <skarma/core/base/internal/check.hpp>

namespace skarma {
namespace {

constexpr Activation kNoActivation = *find_activation("identity");

/// Of samples, in training alone.
bool changes_samples(const PlanStep& step) {
  return is_dropout(step.operation) || step.operation == Operation::noise;
}

/// Makes steps of nodes, then finds where the deltas go on the way back.
class Planner {
 public:
  Planner(std::span<const Node> nodes, std::span<const LayerPlace> layers)
      : nodes_(nodes), layers_(layers), readers_(nodes.size()), step_of_(nodes.size()) {
    plan_.steps.reserve(2 * nodes.size());
    plan_.widths.reserve(3 * nodes.size());
    for (const Node& node : nodes) {
      for (const std::size_t read : node.reads) ++readers_[read];
    }
  }

  Plan plan() {
    plan_forward();
    plan_backward();
    return std::move(plan_);
  }

 private:
  void plan_forward() {
    for (std::size_t i = 1; i < nodes_.size(); ++i) add(i);
    plan_.steps.back().activation.reset();
  }

  /// From the last step on, so that readers come before what they read.
  void plan_backward() {
    for (std::size_t i = plan_.steps.size(); i-- > 0;) {
      PlanStep& step = plan_.steps[i];
      switch (step.operation) {
        case Operation::dense:
        case Operation::conv2d:
        case Operation::max_pool:
        case Operation::average_pool:
        case Operation::custom:
          find_input_delta(step);
          break;
        case Operation::batch_norm:
        case Operation::layer_norm:
        case Operation::maxout:
          SKARMA_CHECK(made(*step.input).activation == kNoActivation);
          break;
        case Operation::activation:
          leave_delta(step, step.through());
          break;
        case Operation::dropout:
        case Operation::alpha_dropout:
        case Operation::rescale:
          leave_delta(step, step.output);
          break;
        case Operation::add:
          share_delta(step);
          break;
        default:
          break;
      }
    }
  }

  void add(std::size_t number) {
    const Node& node = nodes_[number];
    if (node.operation == Operation::flatten) {
      step_of_[number] = step_of_[node.reads[0]];
      return;
    }
    if (node.operation == Operation::activation && can_join(node)) return join(number);
    PlanStep step{.node = number, .operation = node.operation};
    step.input = overwrites(node.operation) ? value_to_overwrite(number) : value_of(node.reads[0]);
    if (has_weights(node.operation)) step.layer = layers_[n_layers_++];
    if (node.operation == Operation::add) step.second = value_to_add(node.reads[1]);
    if (node.operation == Operation::batch_norm) {
      const std::size_t numbers = 3 * node.slots.front().size;
      step.unit_numbers = std::exchange(plan_.n_unit_numbers, plan_.n_unit_numbers + numbers);
    }
    if (joins(node.operation)) step.activation = kNoActivation;
    if (node.operation == Operation::activation) return add_activation(step, *node.activation);
    step.output = new_buffer(node);
    if (node.operation == Operation::layer_norm) {
      const std::size_t n_rows = node.units / node.slots.front().size;  // of one sample
      step.row_scales = new_buffer(n_rows, n_rows > 1);
    }
    push(step);
  }

  void push(const PlanStep& step) {
    step_of_[step.node] = plan_.steps.size();
    depends_.push_back(!nodes_[step.node].slots.empty() || depends_on_parameters(step.input) ||
                       depends_on_parameters(step.second));
    plan_.steps.push_back(step);
  }

  /// A step of its own, whose derivative is taken through its output or a copy of its input.
  void add_activation(PlanStep step, const Activation& activation) {
    const Node& node = nodes_[step.node];
    step.activation = activation;
    if (activation.through == Through::input) step.preactivation = new_buffer(node);
    step.output = new_buffer(node);
    push(step);
  }

  /// Makes an activation part of the step before it. It takes that one's buffer unless its
  /// derivative needs what is in there.
  void join(std::size_t number) {
    const Node& node = nodes_[number];
    PlanStep& step = plan_.steps.back();
    step_of_[number] = plan_.steps.size() - 1;
    step.activation = node.activation;
    if (node.activation->through == Through::output) return;
    step.preactivation = step.output;
    step.output = new_buffer(node);
  }

  static bool joins(Operation operation) {
    return has_weights(operation) || operation == Operation::batch_norm ||
           operation == Operation::layer_norm;
  }

  /// Whether it writes over what it reads, forward or backward.
  static bool overwrites(Operation operation) {
    return operation == Operation::batch_norm || operation == Operation::layer_norm ||
           operation == Operation::maxout;
  }

  /// Whether an activation reads what nobody else reads, of a step that has none yet.
  bool can_join(const Node& node) const {
    const std::size_t read = node.reads[0];
    return joins(nodes_[read].operation) && readers_[read] == 1 && plan_.steps.back().node == read;
  }

  /// The values that a node reads, made a copy of unless they are a step's that nobody else wants.
  std::optional<BufferId> value_to_overwrite(std::size_t number) {
    const std::size_t read = nodes_[number].reads[0];
    if (joins(nodes_[read].operation) && readers_[read] == 1) return value_of(read);
    return copy_of(read);
  }

  /// The values of a node, as a copy if they are the samples' or what training makes of them.
  BufferId value_to_add(std::size_t read) {
    const auto value = value_of(read);
    if (value && !changes_samples_alone(*value)) return *value;
    return copy_of(read);
  }

  /// Whether a step made these values that predictions pass over.
  bool changes_samples_alone(BufferId buffer) {
    return static_cast<std::size_t>(&made(buffer) - plan_.steps.data()) < first_layer(plan_);
  }

  BufferId copy_of(std::size_t read) {
    PlanStep copy{.node = read, .operation = Operation::activation};
    copy.input = value_of(read);
    const auto made_by = step_of_[read];
    add_activation(copy, kNoActivation);
    step_of_[read] = made_by;
    return plan_.steps.back().output;
  }

  /// Whether a derivative by these values is wanted.
  bool depends_on_parameters(const std::optional<BufferId>& buffer) {
    if (!buffer) return false;
    return depends_[static_cast<std::size_t>(&made(*buffer) - plan_.steps.data())];
  }

  void find_input_delta(PlanStep& step) {
    if (!depends_on_parameters(step.input)) return;
    PlanStep& before = made(*step.input);
    if (before.delta) {  // of its other reader, which comes first on the way back
      step.input_delta = {new_buffer(plan_.widths[*step.input], plan_.touch[*step.input]),
                          kNoActivation, before.delta};
    } else if (before.activation) {
      step.input_delta = {before.through(), *before.activation, {}};
    } else {
      before.delta = before.output;
      step.input_delta = {before.output, kNoActivation, {}};
    }
  }

  /// Of a sum, whose derivative is the one by what it reads. The first step of the block adds to
  /// the one by `second`, after all others of the block have had theirs: but for those of a block
  /// at the end of this one, which adds to its own.
  void share_delta(PlanStep& step) {
    PlanStep& last = made(*step.input);
    made(*step.second).delta = last.delta = *step.delta;
    if (last.operation != Operation::add) return;
    last.delta = new_buffer(plan_.widths[last.output], plan_.touch[last.output]);
    step.input_delta = {*last.delta, kNoActivation, {}};
  }

  /// Of a step that brings the derivative by what it reads to a place of its own.
  void leave_delta(PlanStep& step, BufferId place) {
    if (!depends_on_parameters(step.input)) return;
    PlanStep& before = made(*step.input);
    SKARMA_CHECK(!before.delta);  // residual blocks begin with weights
    before.delta = place;
  }

  /// The step that makes the values of a buffer.
  PlanStep& made(BufferId buffer) {
    return *std::ranges::find(plan_.steps, buffer, &PlanStep::output);
  }

  std::optional<BufferId> value_of(std::size_t node) const {
    while (nodes_[node].operation == Operation::flatten) node = nodes_[node].reads[0];
    if (nodes_[node].operation == Operation::input) return std::nullopt;
    return plan_.steps[step_of_[node]].output;
  }

  BufferId new_buffer(const Node& node) { return new_buffer(node.units, node.is_image()); }
  BufferId new_buffer(std::size_t units, bool touches) {
    plan_.widths.push_back(units);
    plan_.touch.push_back(touches);
    return plan_.widths.size() - 1;
  }

  std::span<const Node> nodes_;
  std::span<const LayerPlace> layers_;
  Plan plan_{};
  std::vector<std::size_t> readers_;  // of each node
  std::vector<std::size_t> step_of_;  // of each node
  std::vector<bool> depends_;         // of each step, on parameters
  std::size_t n_layers_ = 0;
};

}  // namespace

std::size_t first_layer(const Plan& plan) {
  const auto first = std::ranges::find_if_not(plan.steps, changes_samples);
  return static_cast<std::size_t>(first - plan.steps.begin());
}

Plan plan_of(std::span<const Node> nodes, std::span<const LayerPlace> layers) {
  return Planner(nodes, layers).plan();
}

}  // namespace skarma
