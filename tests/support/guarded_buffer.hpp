#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <skarma/tests/support/compare.hpp>

namespace skarma::test {

/// Memory with sentinels before and after it, which nobody may touch.
template <class T>
class GuardedBuffer {
 public:
  explicit GuardedBuffer(std::vector<T> values) : all_(values.size() + 2 * kGuard, sentinel()) {
    std::copy(values.begin(), values.end(), all_.begin() + kGuard);
  }
  explicit GuardedBuffer(std::size_t n) : GuardedBuffer(std::vector<T>(n)) {}

  T* data() { return all_.data() + kGuard; }
  std::vector<T> values() const { return {all_.begin() + kGuard, all_.end() - kGuard}; }
  bool sentinels_intact() const {
    const auto intact = [](T v) { return bits(v) == bits(sentinel()); };
    return std::all_of(all_.begin(), all_.begin() + kGuard, intact) &&
           std::all_of(all_.end() - kGuard, all_.end(), intact);
  }

 private:
  static constexpr std::ptrdiff_t kGuard = 32;
  /// A quiet NaN with a pattern of its own.
  static T sentinel() {
    if constexpr (sizeof(T) == 8) {
      return std::bit_cast<T>(std::uint64_t{0x7ff8dead0000beef});
    } else {
      return std::bit_cast<T>(std::uint32_t{0x7fc0beef});
    }
  }

  std::vector<T> all_;
};

}  // namespace skarma::test
