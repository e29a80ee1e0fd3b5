#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include <skarma/core/base/matrix_view.hpp>
#include <skarma/core/cpu/batch.hpp>
#include <skarma/core/net/network_spec.hpp>
#include <skarma/core/net/training_mode.hpp>
#include <skarma/core/parallel/thread_team.hpp>

namespace skarma {

template <class T>
class Buffers;
template <class T>
struct Pass;

/// The forward and backward pass of one network, over a workspace that is allocated once for
/// batches of up to `max_rows` rows. Holds no parameters: they are passed in, packed.
template <class T>
class Network {
 public:
  /// `team` must outlive the network.
  Network(const NetworkSpec& spec, std::size_t max_rows, ThreadTeam& team = ThreadTeam::alone());
  ~Network();
  Network(Network&&) noexcept;
  Network& operator=(Network&&) noexcept;

  const NetworkSpec& spec() const { return spec_; }

  /// Outputs of shape (rows, n_outputs), after the output activation, for `inputs` of shape
  /// (rows, n_inputs). Valid until the next call.
  std::span<T> forward(const T* parameters, const Inputs<T>& inputs, std::size_t rows);

  /// What the last layer reads, shape (rows, its inputs), of dense `inputs`; as above.
  kernels::DenseRows<T> before_last(const T* parameters, const Inputs<T>& inputs, std::size_t rows);

  /// The summed loss of the batch in training (weights applied, no penalty) and, into `gradient`
  /// (packed, of trained parameters), the summed gradient: neither divided by the weight of the
  /// batch.
  double loss_and_gradient(const T* parameters, const Batch<T>& batch, T* gradient,
                           const TrainingMode<T>& training = {});

 private:
  MatrixView<T> run_forward(const Pass<T>& pass);

  NetworkSpec spec_;
  std::size_t max_rows_;
  ThreadTeam* team_;
  std::unique_ptr<Buffers<T>> buffers_;
};

}  // namespace skarma
