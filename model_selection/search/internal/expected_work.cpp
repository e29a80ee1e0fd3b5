#include <skarma/model_selection/search/internal/expected_work.hpp>

#include <string_view>
#include <vector>

namespace skarma {
namespace {

/// Whether a parameter is called so, of an estimator or of a step.
bool is_called(std::string_view parameter, std::string_view name) {
  if (!parameter.ends_with(name)) return false;
  parameter.remove_suffix(name.size());
  return parameter.empty() || parameter.ends_with("__");
}

/// The value of the parameter with this name; nullptr where there is none of this type.
template <class Value>
const Value* find_value(const ParamSet& parameters, std::string_view name) {
  for (const auto& [parameter, value] : parameters) {
    if (is_called(parameter, name)) return std::get_if<Value>(&value);
  }
  return nullptr;
}

}  // namespace

double expected_work(const Estimator& estimator, std::size_t n_features) {
  const ParamSet parameters = estimator.parameters();
  const auto* hidden = find_value<std::vector<std::int64_t>>(parameters, "hidden_layer_sizes");
  const auto* max_iter = find_value<std::int64_t>(parameters, "max_iter");
  if (hidden == nullptr || max_iter == nullptr) return 1.0;
  double products = 0.0;
  double inputs = static_cast<double>(n_features);
  for (const std::int64_t units : *hidden) {
    products += inputs * static_cast<double>(units);
    inputs = static_cast<double>(units);
  }
  return static_cast<double>(*max_iter) * (products + inputs);
}

}  // namespace skarma
