#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace skarma {

/// What is known of a fit before it starts.
struct FitWork {
  std::vector<std::size_t> layer_units;  // inputs first, outputs last
  std::size_t n_samples;
  std::size_t batch_size;  // rows of a step: of a minibatch; of all samples for lbfgs
  std::size_t n_fits = 1;  // that take each step together; 1 where each goes by itself
  /// Multiplications by weights for a row, where layer_units do not say: a convolution's are used
  /// at each place.
  std::optional<double> products_per_row{};
};

/// From so many floating-point operations a step on, a GPU is chosen. A core of a processor
/// computes about 5e10 a second, so that such a step takes it 1 ms; on a GPU the dozen kernels of a
/// step take .1 ms to launch, however small they are. To be set by a benchmark on a GPU.
inline constexpr double kLeastFlopsOnGpu = 5e7;

/// Floating-point operations of a step, forward and backward: 6 for each weight (and place) and
/// row.
double flops_per_step(const FitWork& work);

/// The device of device='auto': "cuda:0" where a step is at least kLeastFlopsOnGpu and there is a
/// GPU, else "cpu". `has_gpu` is asked only where a step is large enough.
std::string choose_device(const FitWork& work, const std::function<bool()>& has_gpu);

}  // namespace skarma
