#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace skarma {

/// Writes `content` to a temporary file beside `path`, then renames it: the file is there whole or
/// not at all, and an older one stays until then. Throws std::runtime_error naming the path.
void replace_file(const std::filesystem::path& path, std::string_view content);

/// The whole file. Throws std::runtime_error naming the path.
std::string read_file(const std::filesystem::path& path);

}  // namespace skarma
