#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <skarma/core/net/network_spec.hpp>
#include <skarma/gpu/block/block.hpp>

namespace skarma::gpu {

inline constexpr int kNone = -1;
/// What stands for a link of whole rows in the place of an ActivationFunction.
SKARMA_PORTABLE constexpr int link_code(RowLink link) { return -1 - static_cast<int>(link); }

/// A Window in numbers of the device.
struct BlockWindow {
  Count in_height, in_width, channels;  // of the images that are read
  Count out_height, out_width;
  Count height, width, row_stride, column_stride, top, left;

  /// Values of one place.
  SKARMA_PORTABLE Count size() const { return height * width * channels; }
  bool operator==(const BlockWindow&) const = default;
};

/// A PlanStep without anything that only the host has; buffers and activations are kNone where it
/// has none.
struct BlockStep {
  Operation operation;
  int input, second;              // kNone: the samples
  int activation, preactivation;  // no activation: the loss takes over, or nothing is joined
  int output, delta;
  int place, joined, onto;  // of the derivative by the input; place kNone: nobody wants it
  bool trains_bias;         // of steps with weights
  bool trains_coefs;
  bool frozen;             // Node::is_frozen
  Count inputs, units;     // values of what it reads (of weights, maxout and pools), and its own,
  Count places, channels;  // of which norms and convolutions have a row of channels at each place
  Count coef, intercept;   // where weights begin
  Count slots[4];          // where gamma, beta, mean and variance begin
  Count unit_numbers;      // batch_norm
  int row_scales;          // layer_norm
  int largest;             // max_pool: where in its window each largest value was
  Count node;
  double rate, shift;                       // dropout, noise and rescale; rescale
  DroppedValues dropped;                    // dropout
  BlockWindow window;                       // conv2d and pools
  double activation_number, joined_number;  // that they take

  /// The buffer that the derivative is taken through, and whose place it takes.
  SKARMA_PORTABLE int through() const { return preactivation == kNone ? output : preactivation; }
  /// Rows of the coefs, whose columns are the channels.
  SKARMA_PORTABLE Count depth() const {
    return operation == Operation::conv2d ? window.size() : inputs;
  }
  bool operator==(const BlockStep&) const = default;
};

/// Parameters that an update rule treats alike.
struct BlockRun {
  Count begin, end;
  bool is_penalised;
  double rate_factor, decay_factor;

  bool operator==(const BlockRun&) const = default;
};

/// Whether a chain of layers alone has such steps, and a kernel of their own takes them through
/// wide networks, so that others keep their registers.
SKARMA_PORTABLE constexpr bool is_of_chains(Operation operation) {
  return operation == Operation::activation || operation == Operation::rescale ||
         is_pool(operation);
}

/// A network as a block reads it. Buffer number b begins at starts[b] * (rows of the workspace).
struct BlockNet {
  const BlockStep* steps;
  const Count* starts;
  const BlockRun* runs;
  Count n_steps, n_runs;
  Count n_inputs, n_outputs, n_trained, n_parameters;
  Count row_width;       // values that a workspace has for each row
  Count n_unit_numbers;  // and for each unit of batch normalisations
  LossFunction loss;
  const double* loss_numbers;  // as in LossChoice
  Count n_loss_numbers;
  int link;          // an ActivationFunction, or link_code
  bool is_of_codes;  // what the loss compares with is one class a row
  bool averages_outputs;
  double value_factor, delta_factor;  // of losses, so averaged, and of deltas: LossChoice
  bool needs_whole_batches;           // there is a batch_norm that goes by the batch
};

/// Owns what a BlockNet points to, on the host. Throws std::invalid_argument for a network whose
/// parameters, or whose values for one row, are too many to be counted in 32 bits.
class BlockProgram {
 public:
  explicit BlockProgram(const NetworkSpec& spec);

  /// Valid as long as this is.
  const BlockNet& net() const { return net_; }
  std::span<const Count> starts() const { return starts_; }
  std::span<const double> loss_numbers() const { return loss_numbers_; }
  /// Whether one can take the place of the other.
  bool is_like(const BlockProgram& other) const;

 private:
  /// Its number.
  int add_buffer(std::size_t width);

  std::vector<BlockStep> steps_;
  std::vector<Count> starts_;
  std::vector<BlockRun> runs_;
  std::vector<double> loss_numbers_;
  BlockNet net_{};
};

}  // namespace skarma::gpu
