#include <skarma/datasets/internal/array_bytes.hpp>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <fstream>
#include <limits>
#include <stdexcept>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace skarma {

std::string file_bytes(const std::filesystem::path& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string bytes;
  char block[1 << 16];
  while (file.read(block, sizeof block) || file.gcount() > 0) {
    bytes.append(block, static_cast<std::size_t>(file.gcount()));
  }
  if (!file.eof()) {
    throw std::runtime_error(
        fmt::format("Cannot read {}: {}.", path.string(), std::generic_category().message(errno)));
  }
  return bytes;
}

void fail_array(const std::string& source, const std::string& problem) {
  throw std::runtime_error(fmt::format("{}: {}.", source, problem));
}

std::size_t counted_numbers(const std::string& source, const std::vector<std::size_t>& shape,
                            std::size_t n_bytes_of_each) {
  // A 0 among the axes may stand beside any others: the product of these must be small, too.
  const std::size_t most = std::numeric_limits<std::size_t>::max() / 2 / n_bytes_of_each;
  std::size_t n = 1;
  for (const std::size_t axis : shape) {
    if (axis > 0 && n > most / axis) {
      fail_array(source, fmt::format("its shape ({}) has more numbers than there can be",
                                     fmt::join(shape, ", ")));
    }
    n *= std::max<std::size_t>(axis, 1);
  }
  const bool is_empty = std::find(shape.begin(), shape.end(), 0U) != shape.end();
  return is_empty ? 0 : n;
}

NumberArray array_of(const std::string& source, std::vector<std::size_t> shape, NumberType type,
                     std::string_view bytes, bool is_big_endian) {
  const std::size_t size = size_of(type);
  const std::size_t n = counted_numbers(source, shape, size);
  if (bytes.size() != n * size) {
    fail_array(source, fmt::format("the shape ({}) of {} takes {} bytes, and there are {}",
                                   fmt::join(shape, ", "), name_of(type), n * size, bytes.size()));
  }
  std::string own(bytes);
  if (is_big_endian != (std::endian::native == std::endian::big)) {
    for (std::size_t i = 0; i < own.size(); i += size) {
      std::reverse(own.begin() + static_cast<std::ptrdiff_t>(i),
                   own.begin() + static_cast<std::ptrdiff_t>(i + size));
    }
  }
  return {std::move(shape), type, std::move(own)};
}

}  // namespace skarma
