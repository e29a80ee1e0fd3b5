#include <skarma/cli/wording.hpp>

#include <algorithm>
#include <new>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <skarma/core/base/errors.hpp>

namespace skarma::cli {

std::string counted(std::size_t n, std::string_view noun) {
  const char* ending = noun.ends_with('s') ? "es" : "s";
  return fmt::format("{} {}{}", n, noun, n == 1 ? "" : ending);
}

std::string listed(const std::vector<std::string>& names) {
  const auto n = std::min<std::size_t>(names.size(), 12);
  const auto end = names.begin() + static_cast<std::ptrdiff_t>(n);
  return fmt::format("{}{}", fmt::join(names.begin(), end, ", "), n < names.size() ? ", ..." : "");
}

std::string plain_text(const ParamValue& value) {
  const auto* word = std::get_if<std::string>(&value);
  return word != nullptr ? *word : to_text(value);
}

std::string problem_text(const std::exception& error) {
  const bool says_nothing = dynamic_cast<const std::bad_alloc*>(&error) != nullptr &&
                            dynamic_cast<const OutOfMemory*>(&error) == nullptr;
  return says_nothing ? "there is not enough memory" : error.what();
}

}  // namespace skarma::cli
