#pragma once

#include <memory>

#include <skarma/core/engine/engine.hpp>
#include <skarma/core/parallel/spare_threads.hpp>

namespace skarma {

/// The engine of the processor that we run on: one model after another, fused kernels, on
/// `n_threads` threads (the calling one included) and those that come from `spare`. Results do not
/// depend on their number.
std::unique_ptr<Engine> make_cpu_engine(int n_threads = 1, SpareThreads* spare = nullptr);

}  // namespace skarma
