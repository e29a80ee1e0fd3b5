#pragma once

#include <cstddef>
#include <span>
#include <stop_token>
#include <vector>

#include <skarma/core/cpu/batch.hpp>
#include <skarma/core/cpu/network.hpp>
#include <skarma/core/parallel/thread_team.hpp>

namespace skarma {

/// The loss and gradient of many rows, for full-batch solvers: in blocks of rows that stay in cache
/// through all layers, added up in double. Blocks go to a few lanes by the shape alone, and lanes
/// are added in their order, so that no number of threads changes a bit.
template <class T>
class BlockedGradient {
 public:
  /// `team` must outlive this.
  BlockedGradient(const NetworkSpec& spec, std::size_t rows, ThreadTeam& team);

  /// The summed loss of the batch, of as many rows as were announced (weights applied, no penalty);
  /// its summed gradient, packed, goes to `gradient`. A stop request ends it before the next block
  /// of each thread: the sums then lack some.
  double operator()(const T* parameters, const Batch<T>& batch, std::span<double> gradient,
                    const std::stop_token& stop = {});

 private:
  struct Lane {
    double loss = 0.0;
    std::vector<double> gradient;
  };

  std::size_t threads();
  void run_lane(Lane& lane, std::size_t number, Network<T>& network, std::vector<T>& block_gradient,
                const T* parameters, const Batch<T>& batch, const std::stop_token& stop) const;

  NetworkSpec spec_;
  std::size_t rows_;  // of a block
  ThreadTeam* team_;
  std::vector<Lane> lanes_;
  std::vector<Network<T>> networks_;             // one a thread
  std::vector<std::vector<T>> block_gradients_;  // one a thread
};

}  // namespace skarma
