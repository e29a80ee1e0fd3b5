#include <skarma/estimators/params/param_value.hpp>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace skarma {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::string text_of(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

std::string text_of(const std::vector<std::int64_t>& values) {
  if (values.size() == 1) return fmt::format("({},)", values[0]);
  return fmt::format("({})", fmt::join(values, ", "));
}

std::string text_of(const std::vector<std::string>& names) {
  return names.empty() ? "[]" : fmt::format("['{}']", fmt::join(names, "', '"));
}

std::string text_of(const std::vector<double>& numbers) {
  std::string text;
  for (const double number : numbers) text += (text.empty() ? "" : ", ") + text_of(number);
  return "[" + text + "]";
}

bool looks_whole(std::string_view text) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string_view without_plus(std::string_view text) {
  return !text.empty() && text[0] == '+' ? text.substr(1) : text;
}

std::int64_t parse_whole(std::string_view text) {
  std::int64_t value = 0;
  const std::string_view digits = without_plus(text);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) {
    throw std::invalid_argument(fmt::format("'{}' is not a whole number of 64 bits.", text));
  }
  return value;
}

std::optional<double> parse_real(std::string_view text) {
  if (text == "inf" || text == "+inf") return std::numeric_limits<double>::infinity();
  if (text == "-inf") return -std::numeric_limits<double>::infinity();
  if (text == "nan") return std::numeric_limits<double>::quiet_NaN();
  const std::string_view digits = without_plus(text);
  if (digits.empty() || digits.find_first_not_of("0123456789.eE+-") != std::string_view::npos) {
    return std::nullopt;
  }
  double value = 0.0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (end != digits.data() + digits.size() || error == std::errc::invalid_argument) {
    return std::nullopt;
  }
  if (error == std::errc::result_out_of_range) {
    throw std::invalid_argument(fmt::format("'{}' is beyond the range of a double.", text));
  }
  return value;
}

/// Cuts "100, 50," at its commas; the last may be followed by nothing.
std::vector<std::string_view> items_of(std::string_view inside) {
  std::vector<std::string_view> items;
  while (!trimmed(inside).empty()) {
    const auto comma = inside.find(',');
    items.push_back(trimmed(inside.substr(0, comma)));
    if (comma == std::string_view::npos) break;
    inside.remove_prefix(comma + 1);
  }
  return items;
}

bool is_quote(char c) { return c == '\'' || c == '"'; }

/// Whether this begins a name, with or without quotes.
bool begins_name(std::string_view item) {
  return !item.empty() &&
         (std::isalpha(static_cast<unsigned char>(item.front())) != 0 || is_quote(item.front()));
}

std::string parse_quoted(std::string_view text) {
  if (text.empty() || !is_quote(text.front())) return std::string(text);
  const char first = text.front();
  if (text.size() < 2 || text.back() != first) {
    throw std::invalid_argument(fmt::format("{} has no closing {}.", text, first));
  }
  return std::string(text.substr(1, text.size() - 2));
}

/// Names without quotes and commas in them.
std::vector<std::string> parse_names(const std::vector<std::string_view>& items) {
  std::vector<std::string> names;
  for (const std::string_view item : items) {
    names.push_back(parse_quoted(item));
    if (std::ranges::any_of(names.back(), is_quote)) {
      throw std::invalid_argument(fmt::format("there is a quote inside of {}.", item));
    }
  }
  return names;
}

std::vector<double> parse_reals(const std::vector<std::string_view>& items) {
  std::vector<double> values;
  for (const std::string_view item : items) {
    const auto value = parse_real(item);
    if (!value) throw std::invalid_argument(fmt::format("'{}' is not a number.", item));
    values.push_back(*value);
  }
  return values;
}

/// The inside of "(100, 50)", "[100]", "['relu', 'tanh']" or "[0.1, 0.9]".
ParamValue parse_list(std::string_view inside) {
  const auto items = items_of(inside);
  if (!std::ranges::all_of(items, looks_whole)) {
    const bool are_real = std::ranges::all_of(
        items, [](std::string_view item) { return parse_real(item).has_value(); });
    if (!are_real && begins_name(items.front())) return parse_names(items);
    return parse_reals(items);
  }
  std::vector<std::int64_t> values;
  for (const std::string_view item : items) values.push_back(parse_whole(item));
  return values;
}

}  // namespace

std::string to_text(const ParamValue& value) {
  struct Writer {
    std::string operator()(None) const { return "None"; }
    std::string operator()(bool v) const { return v ? "True" : "False"; }
    std::string operator()(std::int64_t v) const { return std::to_string(v); }
    std::string operator()(double v) const { return text_of(v); }
    std::string operator()(const std::string& v) const { return "'" + v + "'"; }
    std::string operator()(const std::vector<std::int64_t>& v) const { return text_of(v); }
    std::string operator()(const std::vector<std::string>& v) const { return text_of(v); }
    std::string operator()(const std::vector<double>& v) const { return text_of(v); }
  };
  return std::visit(Writer{}, value);
}

ParamValue parse_value(std::string_view text) {
  text = trimmed(text);
  if (text == "None" || text == "none") return None{};
  if (text == "True" || text == "true") return true;
  if (text == "False" || text == "false") return false;
  if (looks_whole(text)) return parse_whole(text);
  if (const auto real = parse_real(text)) return *real;
  if (text.empty()) return std::string();
  const char first = text.front();
  if (first == '(' || first == '[') {
    const char closing = first == '(' ? ')' : ']';
    if (text.size() < 2 || text.back() != closing) {
      throw std::invalid_argument(fmt::format("'{}' has no closing '{}'.", text, closing));
    }
    return parse_list(text.substr(1, text.size() - 2));
  }
  return parse_quoted(text);
}

}  // namespace skarma
