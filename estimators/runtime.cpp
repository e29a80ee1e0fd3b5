#include <skarma/estimators/runtime.hpp>

#include <skarma/core/base/thread_budget.hpp>
#include <skarma/core/kernels/blas_threads.hpp>
#include <skarma/core/kernels/dispatch.hpp>

namespace skarma {

RuntimeInfo runtime_info() {
  return {.blas = kernels::blas_description(),
          .simd = std::string(kernels::isa_name()),
          .n_cores = available_cores(),
          .cuda = false};
}

}  // namespace skarma
