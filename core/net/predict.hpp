#pragma once

#include <span>

#include <skarma/core/base/sample_view.hpp>
#include <skarma/core/net/network_spec.hpp>

namespace skarma {

/// The network's outputs for all samples, shape (n_samples, n_outputs), in blocks of rows that stay
/// in cache, on up to `n_threads` threads. Safe from several threads at once.
template <class T>
Matrix<T> predict_outputs(const NetworkSpec& spec, std::span<const T> parameters,
                          const SampleView& x, std::size_t n_threads = 1);

}  // namespace skarma
