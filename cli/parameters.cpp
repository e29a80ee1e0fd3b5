#include <skarma/cli/parameters.hpp>

#include <algorithm>

#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/estimators/mlp/mlp_regressor.hpp>

namespace skarma::cli {

std::vector<ParameterInfo> all_parameters() {
  std::vector<ParameterInfo> all = MLPClassifier::parameter_infos();
  for (ParameterInfo& info : MLPRegressor::parameter_infos()) {
    const bool known = std::any_of(all.begin(), all.end(), [&](const ParameterInfo& other) {
      return other.name == info.name;
    });
    if (!known) all.push_back(std::move(info));
  }
  return all;
}

std::string flag_name(std::string_view parameter) {
  std::string flag = "--" + std::string(parameter);
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

}  // namespace skarma::cli
