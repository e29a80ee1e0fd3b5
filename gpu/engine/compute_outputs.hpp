#pragma once

#include <span>
#include <stop_token>
#include <vector>

#include <skarma/core/base/matrix.hpp>
#include <skarma/core/base/sample_view.hpp>
#include <skarma/gpu/block/score.hpp>
#include <skarma/gpu/engine/workbench.hpp>

namespace skarma::gpu {

/// A network on the device, and samples that it is to give outputs for. They come back, or are
/// summed there: then rows that are not finite make the sums NaN.
template <class T>
struct OutputJob {
  BlockNet net;
  const T* parameters;
  const SampleView* samples;
  const BlockSamples* on_device;  // the same; null: they are gathered here
  bool checks;                    // that they are finite
  std::stop_token stop;
  Matrix<double>* outputs;           // written, (n_samples, n_outputs); null: they stay there
  std::vector<BlockScore> scores{};  // what is summed, on the device
  bool stopped = false;              // written; then outputs and sums are of no use
};

/// Outputs of all jobs, side by side. Throws NotFiniteSample where they come back.
template <class T>
void compute_outputs(Workbench& bench, std::span<OutputJob<T>> jobs);

}  // namespace skarma::gpu
