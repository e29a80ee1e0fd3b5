#include <skarma/datasets/read_npy.hpp>

#include <fmt/format.h>

#include <skarma/datasets/internal/array_bytes.hpp>
#include <skarma/datasets/internal/npy_header.hpp>

namespace skarma {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";

/// Numbers whose first axis changes fastest, in row-major order.
std::string row_major(std::string_view bytes, const std::vector<std::size_t>& shape,
                      std::size_t size) {
  std::string result;
  result.reserve(bytes.size());
  std::vector<std::size_t> place(shape.size());
  for (std::size_t n = bytes.size() / size; n > 0; --n) {
    std::size_t position = 0;
    for (std::size_t axis = shape.size(); axis-- > 0;)
      position = position * shape[axis] + place[axis];
    result.append(bytes.substr(position * size, size));
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      if (++place[axis] < shape[axis]) break;
      place[axis] = 0;
    }
  }
  return result;
}

std::size_t little_endian(std::string_view bytes) {
  std::size_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;)
    value = value << 8 | static_cast<std::uint8_t>(bytes[i]);
  return value;
}

}  // namespace

bool begins_like_npy(std::string_view bytes) { return bytes.starts_with(kMagic); }

NumberArray parse_npy(std::string_view bytes, const std::string& source) {
  if (bytes.starts_with("PK")) {
    fail_array(source,
               "this is an archive of several arrays (NPZ); save one array with numpy.save");
  }
  if (!begins_like_npy(bytes)) fail_array(source, "this is no NPY file, as numpy.save writes them");
  if (bytes.size() < kMagic.size() + 2) fail_array(source, "it ends within its header");
  const auto version = static_cast<std::uint8_t>(bytes[kMagic.size()]);
  if (version < 1 || version > 3) {
    fail_array(source, fmt::format("NPY files of version {} are not known", version));
  }
  const std::size_t place = kMagic.size() + 2, n_length = version == 1 ? 2 : 4;
  if (bytes.size() < place + n_length) fail_array(source, "it ends within its header");
  const std::size_t length = little_endian(bytes.substr(place, n_length));
  const std::string_view rest = bytes.substr(place + n_length);
  if (rest.size() < length) fail_array(source, "it ends within its header");
  NpyHeader header = parse_npy_header(rest.substr(0, length), source);
  const std::string_view numbers = rest.substr(length);
  const std::size_t size = size_of(header.type);
  const bool is_whole_file = numbers.size() == size * counted_numbers(source, header.shape, size);
  const bool reorders = header.is_column_major && header.shape.size() > 1 && is_whole_file;
  return array_of(source, header.shape, header.type,
                  reorders ? row_major(numbers, header.shape, size) : numbers,
                  header.is_big_endian);
}

NumberArray read_npy(const std::filesystem::path& path) {
  return parse_npy(file_bytes(path), path.string());
}

}  // namespace skarma
