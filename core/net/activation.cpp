#include <skarma/core/net/activation.hpp>

#include <stdexcept>

#include <fmt/format.h>

#include <skarma/core/net/named_number.hpp>

namespace skarma {

Activation parse_activation(std::string_view text) {
  auto activation = find_activation(text.substr(0, text.find('(')));
  if (!activation) throw std::invalid_argument(fmt::format("There is no activation '{}'.", text));
  activation->number =
      number_of_call(text, activation->name, {activation->number_name, activation->number});
  return *activation;
}

std::string to_string(const Activation& activation) {
  const auto row = find_activation(activation.name);
  return call_of(row->name, {row->number_name, row->number}, activation.number);
}

}  // namespace skarma
