#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <stop_token>

#include <skarma/core/base/matrix.hpp>
#include <skarma/core/base/sample_view.hpp>
#include <skarma/gpu/engine/held_samples.hpp>
#include <skarma/gpu/engine/workbench.hpp>

namespace skarma::gpu {

/// A network with its parameters, on the device.
template <class T>
struct NetOnDevice {
  BlockNet net;
  const T* parameters;
};

/// Outputs for samples that are held, shape (n_samples, n_outputs). Throws Cancelled after a stop
/// request.
template <class T>
Matrix<double> compute_outputs(Workbench& bench, const NetOnDevice<T>& network,
                               const HeldSamples& samples, const std::stop_token& stop);
/// The same for samples that are not. With `checks`, throws NotFiniteSample.
template <class T>
Matrix<double> compute_outputs(Workbench& bench, const NetOnDevice<T>& network,
                               const SampleView& samples, bool checks, const std::stop_token& stop);

}  // namespace skarma::gpu
