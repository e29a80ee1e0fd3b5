#include <skarma/core/base/call_text.hpp>

#include <algorithm>
#include <charconv>

namespace skarma {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

bool is_name(std::string_view text) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  const auto may_follow = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); };
  return !text.empty() && is_letter(text.front()) && std::ranges::all_of(text, may_follow);
}

std::optional<double> number_of(std::string_view text) {
  double value = 0.0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc() || stopped != end) return {};
  return value;
}

std::optional<CallText::Argument> parse_argument(std::string_view text) {
  const auto equals = text.find('=');
  const bool is_named = equals != std::string_view::npos;
  const std::string_view name = is_named ? trimmed(text.substr(0, equals)) : std::string_view();
  const auto value = number_of(trimmed(is_named ? text.substr(equals + 1) : text));
  if ((is_named && !is_name(name)) || !value) return {};
  return CallText::Argument{std::string(name), *value};
}

}  // namespace

std::optional<CallText> parse_call(std::string_view text) {
  const auto open = text.find('(');
  CallText call{std::string(text.substr(0, open))};
  if (!is_name(call.name)) return {};
  if (open == std::string_view::npos) return call;
  if (text.back() != ')') return {};
  std::string_view left = text.substr(open + 1, text.size() - open - 2);
  while (true) {
    const auto comma = left.find(',');
    auto argument = parse_argument(left.substr(0, comma));
    if (!argument) return {};
    call.arguments.push_back(std::move(*argument));
    if (comma == std::string_view::npos) return call;
    left.remove_prefix(comma + 1);
  }
}

}  // namespace skarma
