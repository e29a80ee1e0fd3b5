#pragma once

#include <cstddef>
#include <string_view>

namespace skarma {

/// What a JSON text may hold. As a tree, a value takes up to a hundred times the bytes of its text.
struct JsonLimits {
  std::size_t depth;
  std::size_t strings;       // values that are text
  std::size_t other_values;  // keys, numbers, lists, objects ...
};

/// Limits for a text that describes so many bytes of numbers: each name and each layer has some.
JsonLimits json_limits(std::size_t data_bytes);

/// Whether the text is JSON within these limits; found out without building a tree.
bool is_json_within(const JsonLimits& limits, std::string_view text);

}  // namespace skarma
