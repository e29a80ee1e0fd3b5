#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <skarma/core/net/network_spec.hpp>

namespace skarma::gpu {

inline constexpr int kNone = -1;

/// A PlanStep without anything that only the host has; buffers and activations are kNone where it
/// has none.
struct BlockStep {
  Operation operation;
  LayerPlace layer;               // dense
  int input, second;              // kNone: the samples
  int activation, preactivation;  // no activation: the loss takes over, or nothing is joined
  int output, delta;
  int place, joined, onto;  // of the derivative by the input; place kNone: nobody wants it
  bool trains_bias;         // dense
  std::size_t units;
  std::size_t slots[4];      // batch_norm: offsets of gamma, beta, mean and variance
  std::size_t unit_numbers;  // batch_norm
  double rate;               // dropout
  std::uint32_t node;
};

/// Parameters that an update rule treats alike.
struct BlockRun {
  std::size_t begin, end;
  bool is_penalised;
  double rate_factor, decay_factor;
};

/// A network as a block reads it. Buffer number b begins at starts[b] * max_rows in the workspace.
struct BlockNet {
  const BlockStep* steps;
  std::size_t n_steps;
  const std::size_t* starts;
  const BlockRun* runs;
  std::size_t n_runs;
  std::size_t n_inputs, n_outputs, n_trained;
  LossFunction loss;
  int link;  // an ActivationFunction; kNone: softmax
  bool averages_outputs;
};

/// Owns what a BlockNet points to.
class BlockProgram {
 public:
  explicit BlockProgram(const NetworkSpec& spec);

  /// Valid as long as this is.
  BlockNet net() const;
  /// Values that a workspace has for each row, and numbers for each unit of batch normalisations.
  std::size_t row_width() const { return row_width_; }
  std::size_t n_unit_numbers() const { return spec_.plan().n_unit_numbers; }

 private:
  NetworkSpec spec_;
  std::vector<BlockStep> steps_;
  std::vector<std::size_t> starts_;
  std::vector<BlockRun> runs_;
  std::size_t row_width_ = 0;
};

}  // namespace skarma::gpu
