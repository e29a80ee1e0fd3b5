#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace skarma {

/// The number in a word that stands for a name such as "cuda:N": 3 of "cuda:3". nullopt for a name
/// without ":N" at its end, and for what is no whole number from 0 to 2147483647 as it is printed.
std::optional<std::int32_t> number_in(std::string_view word, std::string_view name);

}  // namespace skarma
