#include <skarma/tests/support/golden_data.hpp>

namespace skarma::test {
namespace {

/// Whole numbers are labels; rows of numbers and numbers with fractions are as they are.
Target target(const Json& y) {
  if (y[0].is_array()) return matrix(y);
  if (y[0].is_number_integer()) return ints(y);
  return numbers(y);
}

}  // namespace

GoldenData golden_data_set(const std::string& name) {
  const Json& file = golden("data_" + name);
  return {matrix(file.at("X")), target(file.at("y")), {}};
}

GoldenData data_of(const Json& golden_case) {
  const std::string name = golden_case.at("data");
  if (name == "iris") return golden_data_set(name);
  const Json& file = golden("data_synthetic");
  GoldenData data{matrix(file.at("X")), target(file.at(name)), {}};
  if (const double factor = golden_case.value("X_factor", 1.0); factor != 1.0) {
    for (std::size_t i = 0; i < data.x.rows(); ++i) {
      for (double& v : data.x.row(i)) v *= factor;
    }
  }
  if (golden_case.at("sample_weight")) data.sample_weight = numbers(file.at("sample_weight"));
  return data;
}

ParamValue param_value(const Json& value) {
  if (value.is_null()) return None{};
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (value.is_number()) return value.get<double>();
  if (value.is_array()) return value.get<std::vector<std::int64_t>>();
  return value.get<std::string>();
}

void set_all(Estimator& estimator, const Json& params) {
  for (const auto& [name, value] : params.items()) estimator.set(name, param_value(value));
}

}  // namespace skarma::test
