#pragma once

#include <span>
#include <string>
#include <string_view>

namespace skarma {

/// The name of `known` that takes the fewest insertions, deletions, replacements and swaps of
/// neighbours to reach from `typed`, ignoring case; empty if none is near enough to be meant.
std::string nearest_name(std::string_view typed, std::span<const std::string_view> known);

/// " Did you mean 'alpha'?" or nothing: the end of a message about an unknown name.
std::string did_you_mean(std::string_view typed, std::span<const std::string_view> known);

}  // namespace skarma
