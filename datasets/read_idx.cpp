#include <skarma/datasets/read_idx.hpp>

#include <optional>

#include <fmt/format.h>

#include <skarma/datasets/internal/array_bytes.hpp>

namespace skarma {
namespace {

std::uint8_t byte_at(std::string_view bytes, std::size_t i) {
  return static_cast<std::uint8_t>(bytes[i]);
}

std::optional<NumberType> type_of(std::uint8_t code) {
  switch (code) {
    case 0x08:
      return NumberType::uint8;
    case 0x09:
      return NumberType::int8;
    case 0x0B:
      return NumberType::int16;
    case 0x0C:
      return NumberType::int32;
    case 0x0D:
      return NumberType::float32;
    case 0x0E:
      return NumberType::float64;
    default:
      return {};
  }
}

}  // namespace

bool begins_like_idx(std::string_view bytes) {
  return bytes.size() >= 4 && bytes[0] == 0 && bytes[1] == 0 && type_of(byte_at(bytes, 2)) &&
         bytes[3] != 0;
}

NumberArray parse_idx(std::string_view bytes, const std::string& source) {
  if (bytes.starts_with("\x1f\x8b")) {
    fail_array(source, "this is compressed by gzip; unpack it first");
  }
  if (bytes.size() < 4 || bytes[0] != 0 || bytes[1] != 0) {
    fail_array(source,
               "this is no IDX file, which begins with two zero bytes, a type and a number "
               "of axes");
  }
  const auto type = type_of(byte_at(bytes, 2));
  if (!type) {
    fail_array(source, fmt::format("there is no type 0x{:02x} in IDX files", byte_at(bytes, 2)));
  }
  const std::size_t n_axes = byte_at(bytes, 3), start = 4 + 4 * n_axes;
  if (n_axes == 0) fail_array(source, "it has no axis");
  if (bytes.size() < start) {
    fail_array(source, fmt::format("it ends within the sizes of its {} axes", n_axes));
  }
  std::vector<std::size_t> shape;
  for (std::size_t i = 4; i < start; i += 4) {
    shape.push_back(std::size_t{byte_at(bytes, i)} << 24 |
                    std::size_t{byte_at(bytes, i + 1)} << 16 |
                    std::size_t{byte_at(bytes, i + 2)} << 8 | std::size_t{byte_at(bytes, i + 3)});
  }
  return array_of(source, std::move(shape), *type, bytes.substr(start), true);
}

NumberArray read_idx(const std::filesystem::path& path) {
  return parse_idx(file_bytes(path), path.string());
}

}  // namespace skarma
