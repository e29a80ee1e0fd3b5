#pragma once

#include <cstddef>
#include <memory>

#include <skarma/core/engine/engine.hpp>

namespace skarma {

/// The CUDA engine's kernels of small networks on this processor: a model is trained by one block
/// of `threads_a_block` threads, one model after another. For tests: what it computes is what the
/// device computes, and slow. Bits do not depend on the size of the block.
std::unique_ptr<Engine> make_block_engine(std::size_t threads_a_block);

}  // namespace skarma
