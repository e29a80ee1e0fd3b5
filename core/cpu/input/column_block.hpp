#pragma once

#include <cstddef>

#include <skarma/core/base/sample_view.hpp>

namespace skarma {

/// By how many neighbouring columns the batches of `samples` are brought into columns: 1, or
/// kColumnBlock where entries come in runs; 0 where a batch had better stay dense for a first layer
/// of `units` units. A function of the samples, as some rows show them, and of the layer alone.
/// Dense samples stay dense for layers of BLAS and of one unit, too: no sum that leaves out zeros
/// has their bits.
template <class T>
std::size_t column_block(const SampleView& samples, std::size_t units);

}  // namespace skarma
