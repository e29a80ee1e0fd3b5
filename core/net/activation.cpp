#include <skarma/core/net/activation.hpp>

#include <cmath>
#include <stdexcept>
#include <string>

#include <fmt/format.h>

#include <skarma/core/base/call_text.hpp>

namespace skarma {
namespace {

std::string takes(const Activation& row) {
  if (row.number_name.empty()) return fmt::format("'{}' takes no number.", row.name);
  return fmt::format("'{0}' takes one number: '{0}({1}={2})'.", row.name, row.number_name,
                     row.number);
}

}  // namespace

Activation parse_activation(std::string_view text) {
  const auto row = find_activation(text.substr(0, text.find('(')));
  if (!row) throw std::invalid_argument(fmt::format("There is no activation '{}'.", text));
  const auto call = parse_call(text);
  const bool has_number = call && !call->arguments.empty();
  if (call && !has_number && text == row->name) return *row;
  if (!has_number || row->number_name.empty() || call->arguments.size() > 1) {
    throw std::invalid_argument(fmt::format("{} Got '{}' instead.", takes(*row), text));
  }
  const auto& [name, value] = call->arguments.front();
  if (!name.empty() && name != row->number_name) {
    throw std::invalid_argument(fmt::format("{} It has no '{}'.", takes(*row), name));
  }
  if (!(value >= 0.0) || !std::isfinite(value)) {
    throw std::invalid_argument(fmt::format("'{}' of '{}' must be a number from 0. Got {} instead.",
                                            row->number_name, row->name, value));
  }
  Activation activation = *row;
  activation.number = value;
  return activation;
}

std::string to_string(const Activation& activation) {
  if (activation == find_activation(activation.name)) return std::string(activation.name);
  return fmt::format("{}({})", activation.name, activation.number);
}

}  // namespace skarma
