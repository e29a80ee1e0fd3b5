#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <skarma/datasets/number_array.hpp>

namespace skarma {

/// All bytes of a file. Throws std::runtime_error naming it.
std::string file_bytes(const std::filesystem::path& path);

[[noreturn]] void fail_array(const std::string& source, const std::string& problem);

/// How many numbers a shape has. Throws for more than memory could hold, before there is any.
std::size_t counted_numbers(const std::string& source, const std::vector<std::size_t>& shape,
                            std::size_t n_bytes_of_each);

/// An array of numbers that are `bytes`, whose order of bytes is this processor's or the other one.
/// Throws for another number of bytes than the shape says.
NumberArray array_of(const std::string& source, std::vector<std::size_t> shape, NumberType type,
                     std::string_view bytes, bool is_big_endian);

}  // namespace skarma
