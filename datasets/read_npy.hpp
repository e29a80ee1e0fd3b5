#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <skarma/datasets/number_array.hpp>

namespace skarma {

/// Reads an array of numbers that numpy.save has written, of any type but complex ones, in either
/// order of bytes and of axes. Source: NumPy Enhancement Proposal 1, "A simple file format for
/// NumPy arrays", versions 1 to 3. Throws std::runtime_error naming the file for one that cannot be
/// read, is no such file, or holds objects, text or records; nothing in it is executed, and nothing
/// is allocated for more than it has.
NumberArray read_npy(const std::filesystem::path& path);

/// The same of bytes; `source` names them in messages.
NumberArray parse_npy(std::string_view bytes, const std::string& source);

/// Whether bytes begin as such a file does.
bool begins_like_npy(std::string_view bytes);

}  // namespace skarma
