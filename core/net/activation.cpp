#include <skarma/core/net/activation.hpp>

#include <cmath>
#include <stdexcept>

#include <fmt/format.h>

#include <skarma/core/net/named_number.hpp>

namespace skarma {
namespace {

void check_pieces(double pieces) {
  constexpr double kMost = 1e6;
  if (pieces == std::floor(pieces) && pieces >= 1.0 && pieces <= kMost) return;
  throw std::invalid_argument(fmt::format(
      "'pieces' of 'maxout' must be a whole number from 1 to {}. Got {} instead.", kMost, pieces));
}

}  // namespace

Activation parse_activation(std::string_view text) {
  auto activation = find_activation(text.substr(0, text.find('(')));
  if (!activation) throw std::invalid_argument(fmt::format("There is no activation '{}'.", text));
  activation->number =
      number_of_call(text, activation->name, {activation->number_name, activation->number});
  if (activation->name == kMaxout.name) check_pieces(activation->number);
  return *activation;
}

std::string to_string(const Activation& activation) {
  const auto row = find_activation(activation.name);
  return call_of(row->name, {row->number_name, row->number}, activation.number);
}

}  // namespace skarma
