#pragma once

#include <span>
#include <stop_token>

#include <skarma/core/base/matrix.hpp>
#include <skarma/core/base/sample_view.hpp>
#include <skarma/gpu/engine/workbench.hpp>

namespace skarma::gpu {

/// A network on the device, and samples that it is to give outputs for.
template <class T>
struct OutputJob {
  BlockNet net;
  const T* parameters;
  const SampleView* samples;
  const BlockSamples* on_device;  // the same; null: they are gathered here
  bool checks;                    // that they are finite
  std::stop_token stop;
  Matrix<double>* outputs;  // written, (n_samples, n_outputs)
  bool stopped = false;     // written; then outputs are of no use
};

/// Outputs of all jobs, side by side. Throws NotFiniteSample.
template <class T>
void compute_outputs(Workbench& bench, std::span<OutputJob<T>> jobs);

}  // namespace skarma::gpu
