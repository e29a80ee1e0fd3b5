#include <skarma/cli/input/utf8.hpp>

namespace skarma::cli {
namespace {

/// How many bytes the character takes whose first byte this is; 0 if none begins so.
std::size_t length_of(unsigned char first) {
  if (first < 0x80) return first == 0 ? 0 : 1;
  if (first >= 0xC2 && first < 0xE0) return 2;
  if (first >= 0xE0 && first < 0xF0) return 3;
  return first >= 0xF0 && first < 0xF5 ? 4 : 0;
}

/// Whether the second byte gives a character that is not overlong, no surrogate and in range.
bool second_fits(unsigned char first, unsigned char second) {
  switch (first) {
    case 0xE0:
      return second >= 0xA0;
    case 0xED:
      return second < 0xA0;
    case 0xF0:
      return second >= 0x90;
    case 0xF4:
      return second < 0x90;
    default:
      return true;
  }
}

}  // namespace

std::optional<std::size_t> find_not_utf8(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = length_of(byte(i));
    if (length == 0 || i + length > text.size()) return i;
    if (length > 1 && !second_fits(byte(i), byte(i + 1))) return i;
    for (std::size_t j = i + 1; j < i + length; ++j) {
      if ((byte(j) & 0xC0u) != 0x80u) return i;
    }
    i += length;
  }
  return std::nullopt;
}

}  // namespace skarma::cli
