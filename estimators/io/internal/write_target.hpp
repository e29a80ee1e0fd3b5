#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <optional>
#include <string>

#include <skarma/estimators/io/internal/descriptor.hpp>

namespace skarma {

/// Where a path that is to be written leads: through links, also through those to a file that is
/// not there yet.
struct WriteTarget {
  std::filesystem::path path;        // as it was given, for messages
  Descriptor folder;                 // of the file behind all links
  std::string name;                  // in that folder
  std::optional<struct stat> there;  // what is there now
  bool has_name = true;              // false: the file is open somewhere, and was removed

  [[noreturn]] void fail(int error, const std::string& problem = "") const;
};

/// Throws FileError for a path that cannot be written, whatever its folder allows.
WriteTarget find_target(const std::filesystem::path& path);

/// Throws FileError, naming what is there, if it is anything but a regular file.
void check_is_regular(const WriteTarget& target);

/// Whether this name in the folder is that of the file itself, not of a link to it.
bool is_named(int folder, const std::string& name, const struct stat& file);

}  // namespace skarma
