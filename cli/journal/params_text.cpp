#include <skarma/cli/journal/params_text.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <type_traits>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

namespace skarma::cli {
namespace {

using nlohmann::ordered_json;

ordered_json json_of(const ParamValue& value) {
  return std::visit(
      [&](const auto& v) -> ordered_json {
        using Value = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<Value, None>) {
          return nullptr;
        } else if constexpr (std::is_same_v<Value, double>) {
          return std::isfinite(v) ? ordered_json(v) : ordered_json(to_text(v));
        } else {
          return v;
        }
      },
      value);
}

bool holds_only(const ordered_json& list, bool (ordered_json::*is)() const noexcept) {
  return std::all_of(list.begin(), list.end(), [&](const ordered_json& v) { return (v.*is)(); });
}

ParamValue value_of(const ordered_json& value) {
  if (value.is_null()) return None{};
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (value.is_number()) return value.get<double>();
  if (value.is_string()) return value.get<std::string>();
  if (value.is_array()) {
    if (holds_only(value, &ordered_json::is_number_integer)) {
      return value.get<std::vector<std::int64_t>>();
    }
    if (holds_only(value, &ordered_json::is_number)) {
      return value.get<std::vector<double>>();
    }
    if (holds_only(value, &ordered_json::is_string)) {
      return value.get<std::vector<std::string>>();
    }
  }
  return value.dump();
}

}  // namespace

std::string params_as_json(const ParamSet& params) {
  ordered_json object = ordered_json::object();
  for (const auto& [name, value] : params) object[name] = json_of(value);
  return object.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

ParamSet params_from_json(const std::string& text) {
  const auto object = ordered_json::parse(text, nullptr, false);
  if (!object.is_object()) throw std::runtime_error("parameters that are no JSON object: " + text);
  ParamSet params;
  for (const auto& [name, value] : object.items()) params.emplace_back(name, value_of(value));
  return params;
}

}  // namespace skarma::cli
