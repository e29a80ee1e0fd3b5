#include <skarma/cli/parameters.hpp>

#include <algorithm>
#include <deque>
#include <string>

#include <fmt/format.h>

#include <skarma/cli/wording.hpp>
#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/estimators/mlp/mlp_regressor.hpp>

namespace skarma::cli {

namespace {

/// Of a parameter that means one thing to classifiers and another to regressors, such as the loss.
void join(ParameterInfo& classifiers, const ParameterInfo& regressors) {
  static std::deque<std::string> texts;  // which all_parameters() refers to
  if (classifiers.doc == regressors.doc) return;
  texts.push_back(fmt::format("Classifiers: {} Regressors: {}", classifiers.doc, regressors.doc));
  classifiers.doc = texts.back();
  auto& names = classifiers.domain.names;
  for (const std::string_view name : regressors.domain.names) {
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  classifiers.default_value = fmt::format("{} or {}", plain_text(classifiers.default_value),
                                          plain_text(regressors.default_value));
}

std::vector<ParameterInfo> of_both() {
  std::vector<ParameterInfo> all = MLPClassifier::parameter_infos();
  for (ParameterInfo& info : MLPRegressor::parameter_infos()) {
    const auto known = std::ranges::find(all, info.name, &ParameterInfo::name);
    if (known == all.end()) {
      all.push_back(std::move(info));
    } else {
      join(*known, info);
    }
  }
  return all;
}

}  // namespace

std::vector<ParameterInfo> all_parameters() {
  static const auto all = of_both();
  return all;
}

std::string flag_name(std::string_view parameter) {
  std::string flag = "--" + std::string(parameter);
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

}  // namespace skarma::cli
