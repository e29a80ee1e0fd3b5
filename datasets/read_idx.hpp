#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <skarma/datasets/number_array.hpp>

namespace skarma {

/// Reads an IDX file, as MNIST's images and labels are, uncompressed. Source: Y. LeCun, C. Cortes
/// and C. Burges, The MNIST database, "File formats". Throws std::runtime_error naming the file for
/// one that cannot be read or is no such file; nothing is allocated for more than it has.
NumberArray read_idx(const std::filesystem::path& path);

/// The same of bytes; `source` names them in messages.
NumberArray parse_idx(std::string_view bytes, const std::string& source);

/// Whether bytes begin as an IDX file does.
bool begins_like_idx(std::string_view bytes);

}  // namespace skarma
