#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include <cublasLt.h>
#include <cuda_runtime.h>

#include <skarma/gpu/device/products.hpp>

namespace skarma::gpu {

struct CublasFunctions;

/// Products by cuBLASLt, which is opened at run time. Of each shape, type, alignment and epilogue
/// one algorithm computes all, without split sums and, unless they ask for it, without TF32, for
/// one model and for many.
class Cublas {
 public:
  /// Throws DeviceError where the library is not there, and says where it was looked for.
  Cublas();
  ~Cublas();
  Cublas(const Cublas&) = delete;
  Cublas& operator=(const Cublas&) = delete;

  template <class T>
  void multiply(const Products<T>& products, cudaStream_t stream);
  /// Whether there is an algorithm for the product of one model.
  template <class T>
  bool can_multiply(const Products<T>& products);

 private:
  using Algorithm = std::optional<cublasLtMatmulAlgo_t>;
  /// What an algorithm is chosen by.
  struct Shape {
    cublasComputeType_t compute;
    std::size_t rows, columns, depth;
    bool a_transposed, b_transposed;
    std::size_t a_step, b_step, c_step;
    std::uint32_t alignment, vector_alignment;
    EpilogueKind epilogue;
    bool keeps;
    auto operator<=>(const Shape&) const = default;
  };
  struct Problem;

  template <class T>
  const Algorithm& algorithm_for(const Products<T>& products);
  Algorithm choose(const Shape& shape, const Problem& problem) const;

  const CublasFunctions* functions_;
  cublasLtHandle_t handle_ = nullptr;
  std::map<Shape, Algorithm> algorithms_;
};

}  // namespace skarma::gpu
