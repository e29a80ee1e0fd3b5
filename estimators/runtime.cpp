#include <skarma/estimators/runtime.hpp>

#include <skarma/core/kernels/blas_threads.hpp>
#include <skarma/core/kernels/dispatch.hpp>
#include <skarma/core/parallel/thread_budget.hpp>

namespace skarma {
namespace {

std::string compiler() {
#ifdef __clang__
  const std::string name = "Clang " __clang_version__;
#else
  const std::string name = "GCC " __VERSION__;
#endif
#ifdef NDEBUG
  return name;
#else
  return name + ", with assertions";
#endif
}

}  // namespace

RuntimeInfo runtime_info() {
  return {.blas = kernels::blas_description(),
          .simd = std::string(kernels::isa_name()),
          .compiler = compiler(),
          .n_cores = available_cores(),
          .cuda = false};
}

}  // namespace skarma
