#pragma once

#include <string>
#include <string_view>

namespace skarma {

/// The number that an activation or a loss takes: "slope" of "leaky_relu(slope=0.1)".
struct NamedNumber {
  std::string_view name{};  // empty: it takes none
  double value = 0.0;       // unless another is given
  double lowest = 0.0;
  bool above = false;  // whether it must be above the lowest
};

/// The number in `text`, which is `owner` or a call of it. Throws std::invalid_argument, which says
/// what it takes.
double number_of_call(std::string_view text, std::string_view owner, const NamedNumber& number);

/// "leaky_relu(0.1)"; the name alone where the number is the one it has unless another is given.
std::string call_of(std::string_view owner, const NamedNumber& number, double value);

}  // namespace skarma
