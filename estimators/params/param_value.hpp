#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace skarma {

/// No value. It is copied by a function of its own, since a std::variant that has only trivial
/// types, strings and vectors cannot be copied where memory is short: libstdc++ 12 destroys the
/// member that has not come to be.
struct None {
  None() = default;
  // NOLINTBEGIN(modernize-use-equals-default): these are there in order not to be trivial.
  None(const None&) noexcept {}
  None& operator=(const None&) noexcept { return *this; }
  // NOLINTEND(modernize-use-equals-default)
  bool operator==(const None&) const = default;
};

/// A parameter's value as users write it: None, True, 3, 0.5, 'relu', (100, 50), ['relu', 'tanh'],
/// [0.1, 0.9].
using ParamValue =
    std::variant<None, bool, std::int64_t, double, std::string, std::vector<std::int64_t>,
                 std::vector<std::string>, std::vector<double>>;

/// Parameters by name, in the order in which they are to be shown.
using ParamSet = std::vector<std::pair<std::string, ParamValue>>;

/// As Python's repr writes it: "None", "True", "0.001", "'relu'", "(100,)", "['relu']". A double is
/// written with the fewest digits that give back the same bits.
std::string to_text(const ParamValue& value);

/// Reads what to_text writes; text that is nothing else is a string, with or without quotes.
/// Throws std::invalid_argument for an unfinished quote or tuple and for whole numbers beyond 64
/// bit.
ParamValue parse_value(std::string_view text);

}  // namespace skarma
