#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

namespace skarma {

// Files that are there whole or not at all. The content goes to a temporary file beside the path,
// `.NAME.skarma-N.tmp`, which is synced and then renamed; an older file stays until then. Links are
// written through: the file behind them is replaced (that hard links share, under this name only).
// Permissions, owner and group of an older file are kept as far as the system allows; a new file
// has those that the umask allows. What a killed program leaves behind is removed by the next save
// to the same path, unless another process is at work on it. Where the folder takes no new file,
// an older one is overwritten in place, once there is room for all of the content.

/// The path of the file behind all links, of which the last may lead to nothing; the path as it is
/// where that cannot be known.
std::filesystem::path behind_links(const std::filesystem::path& path, std::error_code& error);

/// Throws FileError naming the path, also for anything but a regular file: a device, a pipe ...
void replace_file(const std::filesystem::path& path, std::string_view content);

/// Throws what replace_file would throw now, before any work is done; leaves everything as it is.
void check_replaceable(const std::filesystem::path& path);

/// As replace_file, but a pipe or a character device is written to as it is. (It may be `>(gzip)`.)
/// A pipe without a reader waits for one; SIGPIPE is the caller's business.
void write_output(const std::filesystem::path& path, std::string_view content);

/// Throws what write_output would throw now; opens no pipe. Returns whether the path is a pipe or a
/// device.
bool check_output(const std::filesystem::path& path);

/// The whole file, or all that a pipe gives. Throws FileError naming the path.
std::string read_file(const std::filesystem::path& path);

}  // namespace skarma
