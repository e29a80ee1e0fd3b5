#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <skarma/core/cpu/batch.hpp>
#include <skarma/core/cpu/padded_rows.hpp>
#include <skarma/core/net/network_spec.hpp>
#include <skarma/core/net/plan.hpp>
#include <skarma/core/net/training_mode.hpp>
#include <skarma/core/parallel/thread_team.hpp>

namespace skarma {

/// The buffers of a plan for batches of up to `max_rows` rows. Rows of the last step touch each
/// other, as those of images do; the others begin at cache lines.
template <class T>
class Buffers {
 public:
  /// `plan` must outlive them.
  Buffers(const Plan& plan, std::size_t max_rows)
      : widths_(plan.widths),
        touch_(plan.touch),
        last_(plan.steps.back().output),
        outputs_(max_rows * widths_[last_]),
        unit_numbers_(plan.n_unit_numbers) {
    padded_.reserve(widths_.size());
    for (BufferId i = 0; i < widths_.size(); ++i) {
      padded_.emplace_back(i == last_ ? 0 : max_rows, widths_[i]);
    }
  }

  MatrixView<T> values(BufferId buffer, std::size_t rows) {
    const std::size_t width = widths_[buffer];
    if (buffer == last_) return {outputs_.data(), rows, width};
    const MatrixView<T> padded = padded_[buffer].view(rows, width);
    return touch_[buffer] ? MatrixView<T>(padded.data(), rows, width) : padded;
  }
  T* unit_numbers(const PlanStep& step) { return unit_numbers_.data() + step.unit_numbers; }

 private:
  std::span<const std::size_t> widths_;
  const std::vector<bool>& touch_;
  BufferId last_;
  std::vector<PaddedRows<T>> padded_;
  std::vector<T> outputs_;
  std::vector<T> unit_numbers_;
};

/// One batch on its way through the steps of a plan, and back.
template <class T>
struct Pass {
  const NetworkSpec& spec;
  Buffers<T>& buffers;
  ThreadTeam& team;
  const T* parameters;
  const Inputs<T>& inputs;
  std::size_t rows;
  const TrainingMode<T>* training = nullptr;  // null: predicting
  T* gradient = nullptr;                      // on the way back

  MatrixView<T> values(BufferId buffer) const { return buffers.values(buffer, rows); }
  MatrixView<T> input(const PlanStep& step) const { return values(*step.input); }
  MatrixView<T> output(const PlanStep& step) const { return values(step.output); }
  const Node& node(const PlanStep& step) const { return spec.nodes()[step.node]; }
  const Slot& slot(const PlanStep& step, std::size_t number) const {
    return node(step).slots[number];
  }
};

/// The values of images, whose rows touch, as a row of channels for each place.
template <class T>
MatrixView<T> by_channel(MatrixView<T> values, std::size_t channels) {
  if (values.cols() == channels) return values;
  return {values.data(), values.rows() * values.cols() / channels, channels};
}

}  // namespace skarma
