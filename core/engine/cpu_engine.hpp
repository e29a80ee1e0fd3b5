#pragma once

#include <memory>

#include <skarma/core/base/spare_threads.hpp>
#include <skarma/core/engine/engine.hpp>

namespace skarma {

/// The engine of the processor that we run on: one model after another, fused kernels, on
/// `n_threads` threads (the calling one included) and those that come from `spare`. Results do not
/// depend on their number.
std::unique_ptr<Engine> make_cpu_engine(int n_threads = 1, SpareThreads* spare = nullptr);

}  // namespace skarma
