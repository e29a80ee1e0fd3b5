#include <skarma/estimators/params/domain.hpp>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <skarma/core/base/numbered_name.hpp>

namespace skarma {
namespace {

std::string listed(const std::vector<std::string_view>& names) {
  std::string text;
  for (const std::string_view name : names) {
    text += fmt::format("{}'{}'", text.empty() ? "" : ", ", name);
  }
  return "a str among {" + text + "}";
}

/// Whether a word is this name, or a number in the place of its N.
bool means(std::string_view word, std::string_view name) {
  return name.ends_with(":N") ? number_in(word, name).has_value() : word == name;
}

std::string interval(const Domain& domain, bool whole) {
  const auto bound = [whole](double v) {
    if (std::isinf(v)) return std::string("inf");
    return whole ? fmt::format("{:.0f}", v) : fmt::format("{:.1f}", v);
  };
  return fmt::format("{}{}, {}{}", domain.low_included ? '[' : '(', bound(domain.low),
                     bound(domain.high), domain.high_included ? ']' : ')');
}

}  // namespace

bool Domain::contains(const ParamValue& value) const {
  const auto inside = [this](double v) {
    const bool above = low_included ? v >= low : v > low;
    const bool below = high_included ? v <= high : v < high;
    return above && below && !(not_zero && v == 0.0);
  };
  if (const auto* text = std::get_if<std::string>(&value)) {
    if (objects && text->starts_with('{')) return true;
    const std::string_view word =
        calls ? std::string_view(*text).substr(0, text->find('(')) : *text;
    return std::ranges::any_of(names, [&](std::string_view name) { return means(word, name); });
  }
  if (std::holds_alternative<None>(value)) return none;
  if (const auto* flag = std::get_if<bool>(&value)) {
    switch (type) {
      case Type::boolean:
        return true;
      case Type::integer:
      case Type::real:
        return inside(*flag ? 1.0 : 0.0);
      default:
        return false;
    }
  }
  if (const auto* whole = std::get_if<std::int64_t>(&value)) {
    const bool numeric = type == Type::integer || type == Type::real || type == Type::seed ||
                         type == Type::integer_list;
    return numeric && inside(static_cast<double>(*whole));
  }
  if (const auto* number = std::get_if<double>(&value)) {
    if (fractions && *number > 0.0 && *number < 1.0) return true;
    if (infinity && *number == std::numeric_limits<double>::infinity()) return true;
    return type == Type::real && inside(*number);
  }
  if (const auto* words = std::get_if<std::vector<std::string>>(&value)) {
    const auto known = [this](const std::string& word) { return contains(word); };
    return several && !words->empty() && std::ranges::all_of(*words, known);
  }
  const bool reals = type == Type::real && several;
  if (const auto* numbers = std::get_if<std::vector<double>>(&value)) {
    return reals && !numbers->empty() && std::ranges::all_of(*numbers, inside);
  }
  const auto& list = std::get<std::vector<std::int64_t>>(value);
  return (type == Type::integer_list || (reals && !list.empty())) &&
         std::ranges::all_of(list, [&](std::int64_t v) { return inside(static_cast<double>(v)); });
}

std::string Domain::description() const {
  std::string text;
  switch (type) {
    case Type::boolean:
      text = "an instance of 'bool'";
      break;
    case Type::name:
      text = (objects ? "an instance of 'dict', " : "") + listed(names);
      if (several) text += " or a list of these";
      break;
    case Type::integer_list:
      text = "an array-like or an int in the range " + interval(*this, true);
      break;
    case Type::real:
      text = "a float in the range " + interval(*this, false);
      if (several) text += " or a list of these";
      break;
    case Type::seed:
    case Type::integer:
      text = std::isinf(low) ? "an int" : "an int in the range " + interval(*this, true);
      if (not_zero) text += " other than 0";
      if (!names.empty()) text = listed(names) + " or " + text;
      break;
  }
  if (fractions) text += " or a float in the range (0.0, 1.0)";
  if (infinity) text += " or a float among {inf}";
  if (booleans) text += " or an instance of 'bool'";
  if (none) text += " or None";
  return text;
}

}  // namespace skarma
