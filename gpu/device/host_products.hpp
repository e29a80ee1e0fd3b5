#pragma once

#include <skarma/gpu/device/products.hpp>

namespace skarma::gpu {

/// Computes them as the formulas say: a library of devices needs no BLAS.
template <class T>
void multiply_on_host(const Products<T>& products);

}  // namespace skarma::gpu
