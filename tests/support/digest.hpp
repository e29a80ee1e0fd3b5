#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace skarma::test {

/// 64-bit FNV-1a over the bytes of the values as they lie in memory (little-endian, as the golden
/// files have it), as 16 hex digits.
template <class T>
std::string digest(const std::vector<T>& values) {
  static_assert(std::endian::native == std::endian::little);
  std::uint64_t hash = 0xcbf29ce484222325;
  const auto* bytes = reinterpret_cast<const unsigned char*>(values.data());
  for (std::size_t i = 0; i < values.size() * sizeof(T); ++i) {
    hash = (hash ^ bytes[i]) * 0x100000001b3;
  }
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash));
  return text;
}

}  // namespace skarma::test
