#pragma once

#include <cstdint>
#include <span>

#include <skarma/core/base/matrix.hpp>
#include <skarma/core/base/sample_view.hpp>
#include <skarma/core/engine/engine.hpp>
#include <skarma/core/net/network_spec.hpp>
#include <skarma/core/net/targets.hpp>

namespace skarma {

/// The derivatives by the samples of a network's loss, shape (n_samples, n_features): row i is that
/// of sample i's loss without its weight, of the network as it predicts. On this processor,
/// whatever the device, by the formulas of the device 'reference'.
Matrix<double> loss_by_inputs(const NetworkSpec& spec, const AnyParameters& parameters,
                              const SampleView& samples, const Targets<double>& targets);
/// The same of output number outputs[i] of sample i, behind the loss's link.
Matrix<double> output_by_inputs(const NetworkSpec& spec, const AnyParameters& parameters,
                                const SampleView& samples, std::span<const std::int32_t> outputs);

}  // namespace skarma
