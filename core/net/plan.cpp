#include <skarma/core/net/plan.hpp>

#include <algorithm>
#include <utility>

#include <skarma/core/base/internal/check.hpp>

namespace skarma {
namespace {

constexpr Activation kNoActivation = *find_activation("identity");

/// Makes steps of nodes, then finds where the deltas go on the way back.
class Planner {
 public:
  Planner(std::span<const Node> nodes, std::span<const LayerPlace> layers)
      : nodes_(nodes), layers_(layers), step_of_(nodes.size()) {
    plan_.steps.reserve(nodes.size());
    plan_.widths.reserve(3 * nodes.size());
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
          find_input_delta(step);
          break;
        case Operation::batch_norm:
        case Operation::layer_norm:
        case Operation::maxout:
          SKARMA_CHECK(made(*step.input).activation == kNoActivation);
          break;
        case Operation::dropout:
        case Operation::alpha_dropout:
          if (i > first_layer(plan_)) made(*step.input).delta = step.output;
          break;
        case Operation::add:
          made(*step.input).delta = made(*step.second).delta = *step.delta;
          break;
        default:
          break;
      }
    }
  }

  void add(std::size_t number) {
    const Node& node = nodes_[number];
    if (node.operation == Operation::activation) return join(number);
    PlanStep step{.node = number, .operation = node.operation};
    step.input = value_of(node.reads[0]);
    if (node.operation == Operation::dense) step.layer = layers_[n_dense_++];
    if (node.operation == Operation::add) step.second = value_of(node.reads[1]);
    if (node.operation == Operation::batch_norm) {
      step.unit_numbers =
          std::exchange(plan_.n_unit_numbers, plan_.n_unit_numbers + 3 * node.units);
    }
    if (joins(node.operation)) step.activation = kNoActivation;
    step.output = new_buffer(node.units);
    if (node.operation == Operation::layer_norm) step.row_scales = new_buffer(1);
    step_of_[number] = plan_.steps.size();
    plan_.steps.push_back(step);
  }

  /// Makes an activation part of the step before it. It takes that one's buffer unless its
  /// derivative needs what is in there.
  void join(std::size_t number) {
    const Node& node = nodes_[number];
    PlanStep& step = plan_.steps.back();
    SKARMA_CHECK(step.node == node.reads[0] && joins(step.operation));
    step_of_[number] = plan_.steps.size() - 1;
    step.activation = node.activation;
    if (node.activation->through == Through::output) return;
    step.preactivation = step.output;
    step.output = new_buffer(node.units);
  }

  static bool joins(Operation operation) {
    return operation == Operation::dense || operation == Operation::batch_norm ||
           operation == Operation::layer_norm;
  }

  void find_input_delta(PlanStep& step) {
    if (&step == &plan_.steps[first_layer(plan_)]) return;
    PlanStep& before = made(*step.input);
    if (before.delta) {  // of its other reader, which comes first on the way back
      step.input_delta = {new_buffer(step.layer.inputs), kNoActivation, before.delta};
    } else if (before.activation) {
      step.input_delta = {before.through(), *before.activation, {}};
    } else {
      before.delta = before.output;
      step.input_delta = {before.output, kNoActivation, {}};
    }
  }

  /// The step that makes the values of a buffer.
  PlanStep& made(BufferId buffer) {
    return *std::ranges::find(plan_.steps, buffer, &PlanStep::output);
  }

  std::optional<BufferId> value_of(std::size_t node) const {
    if (nodes_[node].operation == Operation::input) return std::nullopt;
    return plan_.steps[step_of_[node]].output;
  }

  BufferId new_buffer(std::size_t units) {
    plan_.widths.push_back(units);
    return plan_.widths.size() - 1;
  }

  std::span<const Node> nodes_;
  std::span<const LayerPlace> layers_;
  Plan plan_{};
  std::vector<std::size_t> step_of_;  // of each node
  std::size_t n_dense_ = 0;
};

}  // namespace

std::size_t first_layer(const Plan& plan) {
  const auto first = std::ranges::find(plan.steps, Operation::dense, &PlanStep::operation);
  return static_cast<std::size_t>(first - plan.steps.begin());
}

Plan plan_of(std::span<const Node> nodes, std::span<const LayerPlace> layers) {
  return Planner(nodes, layers).plan();
}

}  // namespace skarma
