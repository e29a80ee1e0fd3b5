#include <skarma/estimators/io/internal/safetensors.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <type_traits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <skarma/estimators/io/internal/json_limits.hpp>

namespace skarma {
namespace {

using Json = nlohmann::json;

static_assert(std::endian::native == std::endian::little,
              "the format is little-endian and values are copied as they are");

constexpr std::size_t kLengthBytes = 8;
constexpr std::size_t kLongestHeader = 100'000'000;  // the format's own limit

struct TypeRow {
  std::string_view name;
  std::size_t size;
};

constexpr std::array kTypes = {
    TypeRow{"BOOL", 1}, TypeRow{"U8", 1},   TypeRow{"I8", 1},  TypeRow{"I16", 2}, TypeRow{"U16", 2},
    TypeRow{"F16", 2},  TypeRow{"BF16", 2}, TypeRow{"I32", 4}, TypeRow{"U32", 4}, TypeRow{"F32", 4},
    TypeRow{"F64", 8},  TypeRow{"I64", 8},  TypeRow{"U64", 8},
};

template <class T>
constexpr std::string_view type_name() {
  if constexpr (std::is_same_v<T, double>) return "F64";
  if constexpr (std::is_same_v<T, float>) return "F32";
  if constexpr (std::is_same_v<T, std::int64_t>) return "I64";
}

/// Errors that name the file.
class Reader {
 public:
  Reader(std::string_view bytes, const std::string& source) : bytes_(bytes), source_(source) {}

  Safetensors read() {
    const Json header = read_header();
    Safetensors file;
    for (const auto& [name, entry] : header.items()) {
      if (name == "__metadata__") {
        read_metadata(entry, file);
      } else {
        file.tensors.emplace(name, read_tensor(name, entry));
      }
    }
    check_coverage();
    return file;
  }

 private:
  [[noreturn]] void fail(std::string_view problem) const {
    throw std::runtime_error(fmt::format("{} is not a safetensors file: {}.", source_, problem));
  }

  Json read_header() {
    if (bytes_.size() < kLengthBytes) fail(fmt::format("it has only {} bytes", bytes_.size()));
    std::uint64_t length = 0;
    std::memcpy(&length, bytes_.data(), kLengthBytes);
    if (length > kLongestHeader || length > bytes_.size() - kLengthBytes) {
      fail(fmt::format("its header would have {} bytes, the whole file has {}", length,
                       bytes_.size()));
    }
    const std::string_view text = bytes_.substr(kLengthBytes, length);
    data_ = bytes_.substr(kLengthBytes + length);
    if (!is_json_within(json_limits(data_.size()), text)) {
      fail("its header is no JSON, or lists more than the file can hold");
    }
    const Json header = Json::parse(text, nullptr, false);
    if (!header.is_object()) fail("its header is not a JSON object");
    return header;
  }

  void read_metadata(const Json& entry, Safetensors& file) const {
    if (!entry.is_object()) fail("its metadata is not a JSON object");
    for (const auto& [key, value] : entry.items()) {
      if (!value.is_string()) fail(fmt::format("the metadata '{}' is not text", key));
      file.metadata.emplace(key, value.get<std::string>());
    }
  }

  Tensor read_tensor(const std::string& name, const Json& entry) {
    if (!entry.is_object() || !entry.contains("dtype") || !entry["dtype"].is_string() ||
        !entry.contains("shape") || !entry.contains("data_offsets")) {
      fail(fmt::format("tensor '{}' has no type, shape or place", name));
    }
    const auto shape = whole_numbers(name, entry["shape"]);
    const auto offsets = whole_numbers(name, entry["data_offsets"]);
    if (offsets.size() != 2 || offsets[0] > offsets[1] || offsets[1] > data_.size()) {
      fail(fmt::format("tensor '{}' lies outside of the file", name));
    }
    const std::string dtype = entry["dtype"];
    if (n_bytes(name, dtype, shape) != offsets[1] - offsets[0]) {
      fail(fmt::format("the shape of tensor '{}' does not fit its {} bytes", name,
                       offsets[1] - offsets[0]));
    }
    places_.emplace_back(offsets[0], offsets[1]);
    return {dtype, shape, std::string(data_.substr(offsets[0], offsets[1] - offsets[0]))};
  }

  std::vector<std::size_t> whole_numbers(const std::string& name, const Json& array) const {
    if (!array.is_array()) fail(fmt::format("tensor '{}' has no list of numbers", name));
    std::vector<std::size_t> numbers;
    for (const Json& item : array) {
      if (!item.is_number_unsigned()) {
        fail(fmt::format("tensor '{}' has a size that is no whole number", name));
      }
      numbers.push_back(item.get<std::size_t>());
    }
    return numbers;
  }

  std::size_t n_bytes(const std::string& name, const std::string& dtype,
                      const std::vector<std::size_t>& shape) const {
    const auto type = std::find_if(kTypes.begin(), kTypes.end(),
                                   [&](const TypeRow& row) { return row.name == dtype; });
    if (type == kTypes.end()) fail(fmt::format("tensor '{}' has the type '{}'", name, dtype));
    std::size_t n = type->size;
    for (const std::size_t size : shape) {
      if (size != 0 && n > std::numeric_limits<std::size_t>::max() / size) {
        fail(fmt::format("the shape of tensor '{}' is too large", name));
      }
      n *= size;
    }
    return n;
  }

  /// The format allows neither overlaps nor bytes that belong to no tensor.
  void check_coverage() {
    std::sort(places_.begin(), places_.end());
    std::size_t end = 0;
    for (const auto& [begin, next_end] : places_) {
      if (begin != end) fail("its tensors overlap or leave holes");
      end = next_end;
    }
    if (end != data_.size()) fail("there are bytes behind its last tensor");
  }

  std::string_view bytes_;
  std::string_view data_;
  const std::string& source_;
  std::vector<std::pair<std::size_t, std::size_t>> places_;
};

std::size_t item_size(const Tensor& tensor) {
  for (const TypeRow& row : kTypes) {
    if (row.name == tensor.dtype) return row.size;
  }
  return 1;
}

}  // namespace

template <class T>
Tensor Tensor::of(std::vector<std::size_t> shape, const std::vector<T>& values) {
  std::string bytes(values.size() * sizeof(T), '\0');
  if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return {std::string(type_name<T>()), std::move(shape), std::move(bytes)};
}

template <class T>
std::vector<T> Tensor::values() const {
  if (dtype != type_name<T>()) {
    throw std::runtime_error(
        fmt::format("A tensor has the type {} instead of {}.", dtype, type_name<T>()));
  }
  std::vector<T> result(bytes.size() / sizeof(T));
  if (!result.empty()) std::memcpy(result.data(), bytes.data(), bytes.size());
  return result;
}

template Tensor Tensor::of<float>(std::vector<std::size_t>, const std::vector<float>&);
template Tensor Tensor::of<double>(std::vector<std::size_t>, const std::vector<double>&);
template Tensor Tensor::of<std::int64_t>(std::vector<std::size_t>,
                                         const std::vector<std::int64_t>&);
template std::vector<float> Tensor::values<float>() const;
template std::vector<double> Tensor::values<double>() const;
template std::vector<std::int64_t> Tensor::values<std::int64_t>() const;

std::string to_bytes(const Safetensors& file) {
  // Wide types first, so that every tensor is aligned to its own size.
  std::vector<std::pair<std::string, const Tensor*>> order;
  for (const auto& [name, tensor] : file.tensors) order.emplace_back(name, &tensor);
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return item_size(*a.second) > item_size(*b.second);
  });
  Json header = Json::object();
  if (!file.metadata.empty()) header["__metadata__"] = file.metadata;
  std::size_t offset = 0;
  for (const auto& [name, tensor] : order) {
    header[name] = {{"dtype", tensor->dtype},
                    {"shape", tensor->shape},
                    {"data_offsets", {offset, offset + tensor->bytes.size()}}};
    offset += tensor->bytes.size();
  }
  std::string text = header.dump();
  text.resize((text.size() + kLengthBytes - 1) / kLengthBytes * kLengthBytes, ' ');

  const std::uint64_t length = text.size();
  std::string bytes(kLengthBytes, '\0');
  std::memcpy(bytes.data(), &length, kLengthBytes);
  bytes += text;
  for (const auto& [name, tensor] : order) bytes += tensor->bytes;
  return bytes;
}

Safetensors parse_safetensors(std::string_view bytes, const std::string& source) {
  return Reader(bytes, source).read();
}

}  // namespace skarma
