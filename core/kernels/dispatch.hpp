#pragma once

#include <string_view>

#include <skarma/core/kernels/kernel_table.hpp>

namespace skarma::kernels {

/// The kernels of the best instruction set that the processor has, chosen at the first call.
/// The environment variable SKARMA_ISA=baseline|avx2|avx512 forces one.
/// Throws std::invalid_argument for another name or a set that the processor lacks.
template <class T>
const KernelTable<T>& table();

/// "baseline", "avx2" or "avx512": the set that table() uses.
std::string_view isa_name();

}  // namespace skarma::kernels
