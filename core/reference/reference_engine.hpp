#pragma once

#include <memory>
#include <span>

#include <skarma/core/base/matrix.hpp>
#include <skarma/core/engine/engine.hpp>

namespace skarma {

/// The device 'reference': every activation, loss and update rule in Armadillo, as a textbook
/// writes it. It is what the fast engines are held to; slow, on one thread.
template <class T>
std::unique_ptr<Engine<T>> make_reference_engine();

/// Outputs of the network for `x`, shape (n_samples, n_outputs), as that device computes them.
/// Throws NotFiniteSample.
template <class T>
Matrix<T> reference_outputs(const NetworkSpec& spec, std::span<const T> parameters,
                            const SampleView& x);

}  // namespace skarma
