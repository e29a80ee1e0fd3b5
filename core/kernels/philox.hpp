#pragma once

#include <cstdint>

// Philox 4x32-10 (Salmon et al., SC 2011): random numbers by their place, not by their order. Like
// elementwise_math.hpp compiled once per instruction set, with internal linkage.

namespace skarma::kernels {
namespace {

/// Four words: a counter, or the random numbers that it stands for.
struct PhiloxBlock {
  std::uint32_t a, b, c, d;
};

[[gnu::always_inline]] constexpr PhiloxBlock philox(PhiloxBlock block, std::uint64_t key) {
  auto key_0 = static_cast<std::uint32_t>(key);
  auto key_1 = static_cast<std::uint32_t>(key >> 32);
#pragma GCC unroll 10
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t first = std::uint64_t{0xD2511F53} * block.a;
    const std::uint64_t second = std::uint64_t{0xCD9E8D57} * block.c;
    block = {static_cast<std::uint32_t>(second >> 32) ^ block.b ^ key_0,
             static_cast<std::uint32_t>(second),
             static_cast<std::uint32_t>(first >> 32) ^ block.d ^ key_1,
             static_cast<std::uint32_t>(first)};
    key_0 += 0x9E3779B9;
    key_1 += 0xBB67AE85;
  }
  return block;
}

/// The random numbers of dropout for four neighbouring columns of a row, the first of which is
/// number 4 * quarter. Layers have less than 2^16 numbers.
[[gnu::always_inline]] constexpr PhiloxBlock dropout_words(std::uint64_t seed, std::uint64_t step,
                                                           std::uint32_t layer, std::uint32_t row,
                                                           std::uint32_t quarter) {
  const auto step_high = static_cast<std::uint32_t>(step >> 32);
  return philox({quarter, row, static_cast<std::uint32_t>(step), step_high << 16 ^ layer}, seed);
}

}  // namespace
}  // namespace skarma::kernels
