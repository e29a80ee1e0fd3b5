#include <skarma/model_selection/grid_expression.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <skarma/core/base/nearest_name.hpp>

namespace skarma {
namespace {

constexpr std::int64_t kMostValues = 100000;

[[noreturn]] void fail(std::string_view text, std::string_view problem) {
  throw std::invalid_argument(fmt::format("Grid '{}': {}", text, problem));
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Cuts at the commas that stand outside of brackets and quotes.
std::vector<std::string_view> split_values(std::string_view whole, std::string_view list) {
  std::vector<std::string_view> values;
  std::size_t begin = 0;
  int depth = 0;
  char quote = 0;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const char c = list[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '(' || c == '[') {
      ++depth;
    } else if (c == ')' || c == ']') {
      if (--depth < 0) fail(whole, fmt::format("there is a '{}' too many.", c));
    } else if (c == ',' && depth == 0) {
      values.push_back(trimmed(list.substr(begin, i - begin)));
      begin = i + 1;
    }
  }
  if (depth > 0) fail(whole, "a bracket is not closed.");
  if (quote != 0) fail(whole, fmt::format("a {} is not closed.", quote));
  values.push_back(trimmed(list.substr(begin)));
  for (const std::string_view value : values) {
    if (value.empty()) fail(whole, "there is an empty value.");
  }
  return values;
}

/// The arguments of logspace(...), linspace(...) or range(...).
struct Call {
  std::string_view whole;
  std::string_view function;
  std::vector<ParamValue> arguments;

  double number(std::size_t i) const {
    if (const auto* w = std::get_if<std::int64_t>(&arguments[i])) return static_cast<double>(*w);
    const auto* real = std::get_if<double>(&arguments[i]);
    if (real == nullptr || !std::isfinite(*real)) {
      fail(whole, fmt::format("{} needs numbers, not {}.", function, to_text(arguments[i])));
    }
    return *real;
  }
  std::int64_t whole_number(std::size_t i) const {
    const auto* w = std::get_if<std::int64_t>(&arguments[i]);
    if (w == nullptr) {
      fail(whole, fmt::format("{} needs a whole number, not {}.", function, to_text(arguments[i])));
    }
    return *w;
  }
  std::int64_t count(std::size_t i) const {
    const std::int64_t n = whole_number(i);
    if (n < 1 || n > kMostValues) {
      fail(whole, fmt::format("{} can make 1 to {} values, not {}.", function, kMostValues, n));
    }
    return n;
  }
};

/// start + i * step, with the end itself at the end: numpy.linspace.
std::vector<double> linspace(double start, double stop, std::int64_t n) {
  std::vector<double> values;
  const double step = n > 1 ? (stop - start) / static_cast<double>(n - 1) : 0.0;
  for (std::int64_t i = 0; i < n; ++i) values.push_back(static_cast<double>(i) * step + start);
  if (n > 1) values.back() = stop;
  return values;
}

std::vector<ParamValue> call_spaced(const Call& call, double (*value_at)(double)) {
  if (call.arguments.size() != 3) {
    fail(call.whole,
         fmt::format("{} is called with three numbers, {}(A,B,N).", call.function, call.function));
  }
  std::vector<ParamValue> values;
  for (const double v : linspace(call.number(0), call.number(1), call.count(2))) {
    const double value = value_at(v);
    if (!std::isfinite(value)) fail(call.whole, "a value is beyond the range of a double.");
    values.emplace_back(value);
  }
  return values;
}

std::vector<ParamValue> call_logspace(const Call& call) {
  return call_spaced(call, [](double v) { return std::pow(10.0, v); });
}

std::vector<ParamValue> call_linspace(const Call& call) {
  return call_spaced(call, [](double v) { return v; });
}

std::vector<ParamValue> call_range(const Call& call) {
  const std::size_t n_arguments = call.arguments.size();
  if (n_arguments != 2 && n_arguments != 3) {
    fail(call.whole, "range is called with two or three whole numbers, range(A,B[,STEP]).");
  }
  const std::int64_t start = call.whole_number(0);
  const std::int64_t stop = call.whole_number(1);
  const std::int64_t step = n_arguments == 3 ? call.whole_number(2) : 1;
  if (step == 0) fail(call.whole, "the step of range cannot be 0.");
  if (step > 0 ? start >= stop : start <= stop) fail(call.whole, "this range is empty.");
  // Unsigned, where differences of any two 64-bit numbers fit.
  const auto from = static_cast<std::uint64_t>(start);
  const auto to = static_cast<std::uint64_t>(stop);
  const auto by = static_cast<std::uint64_t>(step);
  const std::uint64_t length = step > 0 ? (to - from - 1) / by + 1 : (from - to - 1) / (0 - by) + 1;
  if (length > static_cast<std::uint64_t>(kMostValues)) {
    fail(call.whole, fmt::format("range can make 1 to {} values.", kMostValues));
  }
  std::vector<ParamValue> values;
  for (std::uint64_t i = 0; i < length; ++i) {
    values.emplace_back(static_cast<std::int64_t>(from + i * by));
  }
  return values;
}

struct GridFunction {
  std::string_view name;
  std::vector<ParamValue> (*values)(const Call&);
};

constexpr std::array kGridFunctions = {GridFunction{"logspace", call_logspace},
                                       GridFunction{"linspace", call_linspace},
                                       GridFunction{"range", call_range}};

[[noreturn]] void fail_unknown(const Call& call) {
  std::vector<std::string_view> names;
  for (const GridFunction& function : kGridFunctions) names.push_back(function.name);
  fail(call.whole, fmt::format("there is no function '{}'; use {} or {}.{}", call.function,
                               fmt::join(std::span(names).first(names.size() - 1), ", "),
                               names.back(), did_you_mean(call.function, names)));
}

ParamValue read(std::string_view whole, std::string_view value) {
  try {
    return parse_value(value);
  } catch (const std::invalid_argument& error) {
    fail(whole, error.what());
  }
}

std::vector<ParamValue> call_function(std::string_view whole, std::string_view value,
                                      std::size_t open) {
  if (value.back() != ')') fail(whole, fmt::format("'{}' does not end with ')'.", value));
  Call call{whole, value.substr(0, open), {}};
  for (const auto argument : split_values(whole, value.substr(open + 1, value.size() - open - 2))) {
    call.arguments.push_back(read(whole, argument));
  }
  const auto known = std::ranges::find(kGridFunctions, call.function, &GridFunction::name);
  if (known == kGridFunctions.end()) fail_unknown(call);
  return known->values(call);
}

}  // namespace

std::pair<std::string, std::vector<ParamValue>> parse_grid_expression(std::string_view text) {
  const auto equals = text.find('=');
  const std::string_view name = trimmed(text.substr(0, equals));
  if (equals == std::string_view::npos || name.empty()) {
    fail(text, "write NAME=VALUES, such as alpha=0.01,0.1 or alpha=logspace(-3,3,7).");
  }
  std::vector<ParamValue> values;
  for (const std::string_view value : split_values(text, text.substr(equals + 1))) {
    const auto open = value.find('(');
    if (open != std::string_view::npos && open > 0 && value[0] != '\'' && value[0] != '"' &&
        value[0] != '[') {
      const auto made = call_function(text, value, open);
      values.insert(values.end(), made.begin(), made.end());
    } else {
      values.push_back(read(text, value));
    }
  }
  return {std::string(name), std::move(values)};
}

}  // namespace skarma
