#include <skarma/core/net/named_number.hpp>

#include <cmath>
#include <stdexcept>

#include <fmt/format.h>

#include <skarma/core/base/call_text.hpp>

namespace skarma {
namespace {

std::string takes(std::string_view owner, const NamedNumber& number) {
  if (number.name.empty()) return fmt::format("'{}' takes no number.", owner);
  return fmt::format("'{0}' takes one number: '{0}({1}={2})'.", owner, number.name, number.value);
}

}  // namespace

double number_of_call(std::string_view text, std::string_view owner, const NamedNumber& number) {
  if (text == owner) return number.value;
  const auto call = parse_call(text);
  if (!call || number.name.empty() || call->arguments.size() != 1) {
    throw std::invalid_argument(fmt::format("{} Got '{}' instead.", takes(owner, number), text));
  }
  const auto& [name, value] = call->arguments.front();
  if (!name.empty() && name != number.name) {
    throw std::invalid_argument(fmt::format("{} It has no '{}'.", takes(owner, number), name));
  }
  const bool is_inside = number.above ? value > number.lowest : value >= number.lowest;
  if (!is_inside || !std::isfinite(value)) {
    throw std::invalid_argument(fmt::format("'{}' of '{}' must be a number {} {}. Got {} instead.",
                                            number.name, owner, number.above ? "above" : "from",
                                            number.lowest, value));
  }
  return value;
}

std::string call_of(std::string_view owner, const NamedNumber& number, double value) {
  if (number.name.empty() || value == number.value) return std::string(owner);
  return fmt::format("{}({})", owner, value);
}

}  // namespace skarma
