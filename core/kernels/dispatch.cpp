#include <skarma/core/kernels/dispatch.hpp>

#include <array>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <type_traits>

namespace skarma::kernels {

namespace baseline {
const KernelTable<float>& float_table();
const KernelTable<double>& double_table();
}  // namespace baseline

#ifdef SKARMA_X86_64
namespace avx2 {
const KernelTable<float>& float_table();
const KernelTable<double>& double_table();
}  // namespace avx2
namespace avx512 {
const KernelTable<float>& float_table();
const KernelTable<double>& double_table();
}  // namespace avx512
#endif

namespace {

#ifdef SKARMA_X86_64
#if defined(__clang__) && __clang_major__ < 18
// An older clang cannot ask for a level by its name; these make the difference in practice.
bool has_v3() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
         __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
}
bool has_v4() {
  return has_v3() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl");
}
#else
bool has_v3() { return __builtin_cpu_supports("x86-64-v3") != 0; }
bool has_v4() { return __builtin_cpu_supports("x86-64-v4") != 0; }
#endif
#endif

struct Isa {
  std::string_view name;
  bool (*supported)();
  const KernelTable<float>& (*float_table)();
  const KernelTable<double>& (*double_table)();
};

/// Best first.
constexpr std::array kIsas = {
#ifdef SKARMA_X86_64
    Isa{"avx512", has_v4, avx512::float_table, avx512::double_table},
    Isa{"avx2", has_v3, avx2::float_table, avx2::double_table},
#endif
    Isa{"baseline", [] { return true; }, baseline::float_table, baseline::double_table},
};

const Isa& choose() {
  const char* forced = std::getenv("SKARMA_ISA");
  const std::string wanted = forced == nullptr ? "" : forced;
  for (const Isa& isa : kIsas) {
    if (!wanted.empty() && isa.name != wanted) continue;
    if (isa.supported()) return isa;
    if (!wanted.empty()) {
      throw std::invalid_argument("SKARMA_ISA=" + wanted + ": this processor does not have it.");
    }
  }
  throw std::invalid_argument("SKARMA_ISA must be baseline, avx2 or avx512. Got '" + wanted + "'.");
}

const Isa& chosen() {
  static const Isa& isa = choose();
  return isa;
}

}  // namespace

template <class T>
const KernelTable<T>& table() {
  if constexpr (std::is_same_v<T, float>) {
    return chosen().float_table();
  } else {
    return chosen().double_table();
  }
}

template const KernelTable<float>& table<float>();
template const KernelTable<double>& table<double>();

std::string_view isa_name() { return chosen().name; }

}  // namespace skarma::kernels
