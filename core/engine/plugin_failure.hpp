#pragma once

#include <array>
#include <cstdint>
#include <string>

#include <skarma/core/engine/device_abi.h>

namespace skarma {

/// Throws what a code of device_abi.h means.
[[noreturn]] void throw_failure(std::int32_t code, const std::string& text);

/// Calls call(message), a function of device_abi.h, and throws what it reports.
template <class Call>
void checked(const Call& call) {
  std::array<char, 1024> text{};
  skarma_message message{text.data(), text.size()};
  const std::int32_t code = call(&message);
  if (code == SKARMA_OK) return;
  text.back() = '\0';
  throw_failure(code, text.data());
}

}  // namespace skarma
