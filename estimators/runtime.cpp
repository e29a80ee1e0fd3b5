#include <skarma/estimators/runtime.hpp>

#include <fmt/format.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/core/engine/registry.hpp>
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

void find_gpus(RuntimeInfo& info) {
  try {
    info.gpus = describe_gpus();
    if (info.gpus.empty()) info.no_gpu = "There is no GPU.";
  } catch (const DeviceError& error) {
    info.no_gpu = error.what();
  }
}

double gibibytes(std::uint64_t bytes) { return static_cast<double>(bytes) / (1 << 30); }

}  // namespace

RuntimeInfo runtime_info() {
  RuntimeInfo info{.blas = kernels::blas_description(),
                   .simd = std::string(kernels::isa_name()),
                   .compiler = compiler(),
                   .n_cores = available_cores(),
                   .gpus = {},
                   .no_gpu = {}};
  find_gpus(info);
  return info;
}

std::string to_text(const DeviceDescription& gpu) {
  return fmt::format(
      "{}, compute capability {}, {} multiprocessors, {:.1f} GiB of memory ({:.1f} free), driver "
      "{}, CUDA {}",
      gpu.name, gpu.compute_capability, gpu.n_multiprocessors, gibibytes(gpu.memory_total),
      gibibytes(gpu.memory_free), gpu.driver_version, gpu.runtime_version);
}

std::vector<std::pair<std::string, std::string>> gpu_lines(const RuntimeInfo& info) {
  if (info.gpus.empty()) return {{"GPU", "none: " + info.no_gpu}};
  std::vector<std::pair<std::string, std::string>> lines;
  for (std::size_t i = 0; i < info.gpus.size(); ++i) {
    lines.emplace_back(fmt::format("cuda:{}", i), to_text(info.gpus[i]));
  }
  return lines;
}

}  // namespace skarma
