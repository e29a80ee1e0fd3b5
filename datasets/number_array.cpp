#include <skarma/datasets/number_array.hpp>

#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <type_traits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <skarma/core/base/internal/check.hpp>

namespace skarma {
namespace {

struct TypeRow {
  std::string_view name;
  std::size_t size;
  bool whole;
};
constexpr std::array<TypeRow, 12> kTypes = {{{"bool", 1, true},
                                             {"int8", 1, true},
                                             {"uint8", 1, true},
                                             {"int16", 2, true},
                                             {"uint16", 2, true},
                                             {"int32", 4, true},
                                             {"uint32", 4, true},
                                             {"int64", 8, true},
                                             {"uint64", 8, true},
                                             {"float16", 2, false},
                                             {"float32", 4, false},
                                             {"float64", 8, false}}};

const TypeRow& row_of(NumberType type) { return kTypes[static_cast<std::size_t>(type)]; }

template <class T>
double loaded(const char* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return static_cast<double>(value);
}

/// IEEE 754's binary16.
double half_of(const char* bytes) {
  std::uint16_t bits = 0;
  std::memcpy(&bits, bytes, sizeof bits);
  const int exponent = (bits >> 10) & 31, fraction = bits & 1023;
  double size = 0.0;
  if (exponent == 31) {
    size = fraction == 0 ? std::numeric_limits<double>::infinity()
                         : std::numeric_limits<double>::quiet_NaN();
  } else if (exponent == 0) {
    size = std::ldexp(fraction, -24);
  } else {
    size = std::ldexp(1024 + fraction, exponent - 25);
  }
  return (bits >> 15) != 0 ? -size : size;
}

double number_at(NumberType type, const char* bytes) {
  switch (type) {
    case NumberType::boolean:
      return *bytes != 0 ? 1.0 : 0.0;
    case NumberType::int8:
      return loaded<std::int8_t>(bytes);
    case NumberType::uint8:
      return loaded<std::uint8_t>(bytes);
    case NumberType::int16:
      return loaded<std::int16_t>(bytes);
    case NumberType::uint16:
      return loaded<std::uint16_t>(bytes);
    case NumberType::int32:
      return loaded<std::int32_t>(bytes);
    case NumberType::uint32:
      return loaded<std::uint32_t>(bytes);
    case NumberType::int64:
      return loaded<std::int64_t>(bytes);
    case NumberType::uint64:
      return loaded<std::uint64_t>(bytes);
    case NumberType::float16:
      return half_of(bytes);
    case NumberType::float32:
      return loaded<float>(bytes);
    case NumberType::float64:
      return loaded<double>(bytes);
  }
  return 0.0;
}

std::size_t product_of(const std::vector<std::size_t>& shape, std::size_t first) {
  std::size_t product = 1;
  for (std::size_t i = first; i < shape.size(); ++i) product *= shape[i];
  return product;
}

template <class T>
T converted_number(double value) {
  if constexpr (std::is_integral_v<T>) {
    const bool fits = value == std::floor(value) &&
                      value >= static_cast<double>(std::numeric_limits<T>::min()) &&
                      value <= static_cast<double>(std::numeric_limits<T>::max());
    if (!fits) throw std::invalid_argument(fmt::format("{} is not a number of type int.", value));
  }
  return static_cast<T>(value);
}

}  // namespace

std::string_view name_of(NumberType type) { return row_of(type).name; }
std::size_t size_of(NumberType type) { return row_of(type).size; }
bool is_whole(NumberType type) { return row_of(type).whole; }

NumberArray::NumberArray(std::vector<std::size_t> shape, NumberType type, std::string bytes)
    : shape_(std::move(shape)), type_(type), bytes_(std::move(bytes)) {
  SKARMA_CHECK(bytes_.size() == size() * size_of(type_));
}

std::size_t NumberArray::size() const { return product_of(shape_, 0); }

double NumberArray::operator[](std::size_t i) const {
  return number_at(type_, bytes_.data() + i * size_of(type_));
}

template <class T>
Matrix<T> NumberArray::matrix() const {
  if (shape_.empty()) {
    throw std::invalid_argument("A single number is no table of samples.");
  }
  Matrix<T> result(shape_[0], product_of(shape_, 1));
  for (std::size_t i = 0; i < size(); ++i) result.data()[i] = static_cast<T>((*this)[i]);
  return result;
}

template <class T>
std::vector<T> NumberArray::list() const {
  if (shape_.empty() || product_of(shape_, 1) != 1) {
    throw std::invalid_argument(
        fmt::format("An array of shape ({}) is not one number a sample.", fmt::join(shape_, ", ")));
  }
  std::vector<T> result(size());
  for (std::size_t i = 0; i < size(); ++i) result[i] = converted_number<T>((*this)[i]);
  return result;
}

template Matrix<float> NumberArray::matrix() const;
template Matrix<double> NumberArray::matrix() const;
template std::vector<int> NumberArray::list() const;
template std::vector<float> NumberArray::list() const;
template std::vector<double> NumberArray::list() const;

}  // namespace skarma
