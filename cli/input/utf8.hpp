#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace skarma::cli {

/// The first byte that cannot be part of UTF-8 text (RFC 3629), or is NUL.
std::optional<std::size_t> find_not_utf8(std::string_view text);

}  // namespace skarma::cli
