// Any text as a --grid expression, and as a value: what is read must come back from its own text.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <vector>

#include <skarma/model_selection/grid_expression.hpp>

using namespace skarma;

namespace {

bool same_number(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b) ||
         (std::isnan(a) && std::isnan(b));
}

bool same(const ParamValue& a, const ParamValue& b) {
  if (a.index() != b.index()) return false;
  if (const auto* x = std::get_if<double>(&a)) return same_number(*x, std::get<double>(b));
  if (const auto* x = std::get_if<std::vector<double>>(&a)) {
    return std::ranges::equal(*x, std::get<std::vector<double>>(b), same_number);
  }
  return a == b;
}

void check(const ParamValue& value) {
  if (!same(parse_value(to_text(value)), value)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    check(parse_value(text));
  } catch (const std::invalid_argument&) {
  }
  try {
    const auto values = parse_grid_expression(text).second;
    const std::size_t n = std::min<std::size_t>(values.size(), 100);  // there may be 100000
    for (std::size_t i = 0; i < n; ++i) check(values[i]);
  } catch (const std::invalid_argument&) {
  }
  return 0;
}
