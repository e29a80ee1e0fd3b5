#include <skarma/estimators/mlp/internal/class_weight.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <variant>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace skarma {
namespace {

using Json = nlohmann::json;

std::optional<double> number_in(const std::string& text) {
  double value = 0.0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc() || stopped != end) return std::nullopt;
  return value;
}

/// Labels are compared as they are written, numbers by their value.
bool are_same(const std::string& a, const std::string& b) {
  if (a == b) return true;
  const auto x = number_in(a), y = number_in(b);
  return x && y && *x == *y;
}

/// A label as a key of an object: without quotes.
std::string key_of(const Classes& classes, std::size_t code) {
  const auto* names = std::get_if<std::vector<std::string>>(&classes);
  return names != nullptr ? (*names)[code] : label_text(classes, code);
}

/// n / (n_classes * count) of each class that occurs, counted by weights.
std::vector<double> balanced(std::span<const std::int32_t> codes, std::size_t n_classes,
                             std::span<const double> weights) {
  std::vector<double> counts(n_classes);
  double total = 0.0;
  std::vector<bool> occurs(n_classes);
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const auto code = static_cast<std::size_t>(codes[i]);
    counts[code] += weights.empty() ? 1.0 : weights[i];
    total += weights.empty() ? 1.0 : weights[i];
    occurs[code] = true;
  }
  const auto n_occurring = static_cast<double>(std::ranges::count(occurs, true));
  for (double& count : counts) count = count > 0.0 ? total / (n_occurring * count) : 1.0;
  return counts;
}

std::vector<double> named(const Json& weights, const Classes& classes) {
  std::vector<double> result(n_classes(classes), 1.0);
  std::vector<std::string> without;
  for (std::size_t i = 0; i < result.size(); ++i) {
    const std::string label = key_of(classes, i);
    const auto entry = std::ranges::find_if(
        weights.items(), [&](const auto& item) { return are_same(item.key(), label); });
    if (entry == weights.items().end()) {
      without.push_back(label_text(classes, i));
    } else {
      result[i] = entry.value().template get<double>();
    }
  }
  if (!without.empty() && result.size() - without.size() != weights.size()) {
    throw std::invalid_argument(
        fmt::format("The classes, [{}], are not in class_weight", fmt::join(without, ", ")));
  }
  return result;
}

void multiply(std::vector<double>& weights, std::span<const std::int32_t> codes,
              std::span<const double> by_class) {
  for (std::size_t i = 0; i < codes.size(); ++i) {
    weights[i] *= by_class[static_cast<std::size_t>(codes[i])];
  }
}

}  // namespace

void check_class_weight(std::string_view owner, const std::string& text) {
  if (text == "balanced") return;
  const auto fail = [&](const std::string& problem) {
    throw std::invalid_argument(
        fmt::format("The 'class_weight' parameter of {}: {}", owner, problem));
  };
  const Json weights = Json::parse(text, nullptr, false);
  if (!weights.is_object()) {
    fail(fmt::format("{} is not weights by label, such as {{\"a\": 1, \"b\": 2.5}}.", text));
  }
  for (const auto& [label, weight] : weights.items()) {
    if (!weight.is_number() || !(weight.get<double>() >= 0.0)) {
      fail(fmt::format("the weight of '{}' must be a number from 0. Got {} instead.", label,
                       weight.dump()));
    }
  }
}

std::vector<double> weighted_by_class(const std::string& class_weight, const Target& y,
                                      const Classes& classes,
                                      std::span<const double> sample_weight) {
  std::vector<double> weights(sample_weight.begin(), sample_weight.end());
  weights.resize(y.n_samples(), 1.0);
  if (y.type() != TargetType::multilabel) {
    const auto codes = codes_among(y, classes);
    const std::size_t n = n_classes(classes);
    multiply(weights, codes,
             class_weight == "balanced" ? balanced(codes, n, sample_weight)
                                        : named(Json::parse(class_weight), classes));
    return weights;
  }
  if (class_weight != "balanced") {
    throw std::invalid_argument(
        "class_weight takes weights by label where there is one label a sample; for several only "
        "'balanced'.");
  }
  for (std::size_t j = 0; j < y.n_outputs(); ++j) {
    std::vector<std::int32_t> codes;
    for (std::size_t i = 0; i < y.n_samples(); ++i) codes.push_back(y.values()(i, j) != 0.0);
    multiply(weights, codes, balanced(codes, 2, sample_weight));
  }
  return weights;
}

}  // namespace skarma
