#include <skarma/core/net/plan.hpp>

#include <skarma/core/base/internal/check.hpp>

namespace skarma {
namespace {

/// The places of a network's values, as its nodes are gone through.
class Planner {
 public:
  Planner(const NetworkSpec& spec, Plan& plan) : spec_(spec), plan_(plan) {}

  void add(const Node& node) {
    switch (node.operation) {
      case Operation::input:
        return;
      case Operation::dense:
        return add_dense(node);
      case Operation::activation:
        return join(node);
    }
  }

 private:
  void add_dense(const Node& node) {
    const BufferId output = new_buffer(node.units);
    plan_.steps.push_back({spec_.layers()[plan_.steps.size()], last_, nullptr, {}, output});
    last_ = output;
  }

  /// The activation becomes part of the step before it, and takes its buffer unless its derivative
  /// needs what is in there.
  void join(const Node& node) {
    PlanStep& step = plan_.steps.back();
    SKARMA_CHECK(spec_.nodes()[node.reads].operation == Operation::dense);
    step.activation = node.activation;
    if (node.activation->through == Through::output) return;
    step.preactivation = step.output;
    step.output = new_buffer(node.units);
    last_ = step.output;
  }

  BufferId new_buffer(std::size_t units) {
    plan_.widths.push_back(units);
    return plan_.widths.size() - 1;
  }

  const NetworkSpec& spec_;
  Plan& plan_;
  std::optional<BufferId> last_;
};

}  // namespace

Plan::Plan(const NetworkSpec& spec) {
  Planner planner(spec, *this);
  for (const Node& node : spec.nodes()) planner.add(node);
}

}  // namespace skarma
