#include <skarma/core/base/numbered_name.hpp>

#include <charconv>
#include <system_error>

namespace skarma {
namespace {

/// nullopt for anything but the digits that a number is printed with.
std::optional<std::int32_t> printed_number(std::string_view digits) {
  if (digits.empty() || digits.front() == '-' || (digits.front() == '0' && digits.size() > 1)) {
    return {};
  }
  std::int32_t number = 0;
  const char* const last = digits.data() + digits.size();
  const auto [end, error] = std::from_chars(digits.data(), last, number);
  if (error != std::errc{} || end != last) return {};
  return number;
}

}  // namespace

std::optional<std::int32_t> number_in(std::string_view word, std::string_view name) {
  if (!name.ends_with(":N")) return {};
  const std::string_view start = name.substr(0, name.size() - 1);
  if (!word.starts_with(start)) return {};
  return printed_number(word.substr(start.size()));
}

}  // namespace skarma
