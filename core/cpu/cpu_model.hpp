#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <skarma/core/cpu/blocked_gradient.hpp>
#include <skarma/core/cpu/input/input_reader.hpp>
#include <skarma/core/cpu/network.hpp>
#include <skarma/core/cpu/padded_rows.hpp>
#include <skarma/core/engine/host_engine.hpp>
#include <skarma/core/optim/restrained_step.hpp>
#include <skarma/core/parallel/thread_team.hpp>

namespace skarma {

/// An open model of the processor's engine, with the room that its training takes.
template <class T>
class CpuModel final : public HostModelOf<T> {
 public:
  /// Takes everything out of the model. Samples and team must outlive this.
  CpuModel(OpenModel& model, const SampleView& samples, ThreadTeam& team);

  void train(const EpochRange& range, EpochLoss& loss) override;
  Matrix<double> outputs(const SampleView& samples, const std::stop_token& stop) override;

 private:
  double whole_gradient(std::span<double> gradient, const std::stop_token& stop) override;
  Batch<T> gather(const EpochRange& range, std::size_t batch);
  Inputs<T> inputs(const EpochRange& range, std::size_t batch, std::span<const RowIndex> positions);
  Batch<T> whole();
  double take_step(double batch_weight, double rate);
  double penalise(double weight, std::span<double> gradient) const;

  using HostModelOf<T>::spec_;
  using HostModelOf<T>::alpha_;
  using HostModelOf<T>::counts_right_;
  using HostModelOf<T>::restraints_;
  using HostModelOf<T>::targets_;
  using HostModelOf<T>::state_;

  ThreadTeam* team_;
  InputReader<T> samples_;
  PaddedRows<T> gradient_;  // one row
  Network<T> network_;
  std::optional<BlockedGradient<T>> blocked_gradient_;  // once a full-batch solver asks
  Targets<T> buffer_;                                   // room for those of one batch
  std::optional<RestrainedStep<T>> restrained_;
};

}  // namespace skarma
