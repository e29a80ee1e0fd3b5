#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <tuple>

#include <cublasLt.h>
#include <cuda_runtime.h>

#include <skarma/gpu/device/products.hpp>

namespace skarma::gpu {

struct CublasFunctions;

/// Products by cuBLASLt, which is opened at run time. Of each shape, type and alignment one
/// algorithm computes all, without TF32 and without split sums, for one model and for many.
class Cublas {
 public:
  /// Throws DeviceError where the library is not there, and says where it was looked for.
  Cublas();
  ~Cublas();
  Cublas(const Cublas&) = delete;
  Cublas& operator=(const Cublas&) = delete;

  template <class T>
  void multiply(const Products<T>& products, cudaStream_t stream);

 private:
  /// What an algorithm is chosen by: type, shape, transpositions, row steps, alignment.
  using Shape = std::tuple<cudaDataType_t, std::uint64_t, std::uint64_t, std::uint64_t, bool, bool,
                           std::size_t, std::size_t, std::size_t, std::uint32_t>;
  struct Problem;

  const cublasLtMatmulAlgo_t& algorithm_for(const Shape& shape, const Problem& problem);

  const CublasFunctions* functions_;
  cublasLtHandle_t handle_ = nullptr;
  std::map<Shape, cublasLtMatmulAlgo_t> algorithms_;
};

}  // namespace skarma::gpu
