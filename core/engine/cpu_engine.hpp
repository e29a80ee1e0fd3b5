#pragma once

#include <memory>

#include <skarma/core/engine/engine.hpp>

namespace skarma {

/// The engine of the processor that we run on: one model after another, fused kernels, one thread.
template <class T>
std::unique_ptr<Engine<T>> make_cpu_engine();

}  // namespace skarma
