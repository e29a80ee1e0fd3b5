#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <skarma/datasets/number_array.hpp>

namespace skarma {

/// What the text of an NPY file's header says: {'descr': '<f8', 'fortran_order': False, 'shape':
/// (3, 2), }.
struct NpyHeader {
  NumberType type;
  bool is_big_endian;
  bool is_column_major;
  std::vector<std::size_t> shape;
};

/// Throws std::runtime_error naming the source for text that says something else.
NpyHeader parse_npy_header(std::string_view text, const std::string& source);

}  // namespace skarma
