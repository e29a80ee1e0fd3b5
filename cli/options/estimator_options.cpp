#include <skarma/cli/options/estimator_options.hpp>

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include <skarma/cli/options/transformer_list.hpp>
#include <skarma/cli/parameters.hpp>
#include <skarma/cli/wording.hpp>
#include <skarma/core/base/nearest_name.hpp>
#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/estimators/mlp/mlp_regressor.hpp>
#include <skarma/estimators/pipeline.hpp>

namespace skarma::cli {
namespace {

/// "relu|tanh"; more than a line has room for are "NAME".
std::string joined_names(const Domain& domain) {
  constexpr std::size_t kMostNames = 16;
  if (domain.names.size() > kMostNames) return "NAME";
  std::string text;
  for (const std::string_view name : domain.names)
    text += (text.empty() ? "" : "|") + std::string(name);
  return text;
}

/// More than a line of the help has room for: its text lists them.
bool has_many_names(const Domain& domain) { return joined_names(domain).size() > 76; }

/// What the help says of a parameter.
std::string help_of(const ParameterInfo& info) {
  std::string text(info.doc);
  if (has_many_names(info.domain)) {
    text += fmt::format(" One of {}.", fmt::join(info.domain.names, ", "));
  }
  return text + fmt::format(" [{}]", plain_text(info.default_value));
}

/// What the help shows as the value: "relu|tanh", "N", "X" ...
std::string value_hint(const Domain& domain) {
  switch (domain.type) {
    case Domain::Type::boolean:
      return "[=BOOL]";
    case Domain::Type::integer:
      return domain.names.empty() ? "N" : "N|" + joined_names(domain);
    case Domain::Type::real:
      return "X";
    case Domain::Type::name:
      return (has_many_names(domain) ? "NAME" : joined_names(domain)) +
             (domain.several ? ",..." : "");
    case Domain::Type::integer_list:
      return "N,N,...";
    case Domain::Type::seed:
      return "N";
  }
  return "";
}

std::unique_ptr<Estimator> make_mlp(Task task) {
  if (task == Task::classification) return std::make_unique<MLPClassifier>();
  return std::make_unique<MLPRegressor>();
}

const Pipeline* as_pipeline(const Estimator& estimator) {
  return dynamic_cast<const Pipeline*>(&estimator);
}

bool has(const ParamSet& parameters, std::string_view name) {
  return std::any_of(parameters.begin(), parameters.end(),
                     [&](const auto& parameter) { return parameter.first == name; });
}

}  // namespace

void EstimatorOptions::add_to(CLI::App& command) {
  constexpr const char* kGroup = "Model (scikit-learn's parameters)";
  command
      .add_option("--scale", scale_,
                  "Scalers and other transformers before the network, in their order, fitted on "
                  "training samples: standard, or 'robust(unit_variance=true),normalizer'.")
      ->type_name(fmt::format("{},...", fmt::join(transformer_words(), "|")))
      ->group(kGroup);
  for (const ParameterInfo& info : all_parameters()) {
    const std::string name(info.name);
    if (name == "dtype") continue;  // the data have that flag: samples are read as that type
    std::string flags = flag_name(name);
    if (info.domain.type == Domain::Type::seed) flags += ",--seed";
    const auto keep = [this, name](const std::string& text) { values_.emplace_back(name, text); };
    command.add_option_function<std::string>(flags, keep, help_of(info))
        ->type_name(value_hint(info.domain))
        ->group(kGroup);
  }
}

std::unique_ptr<Estimator> EstimatorOptions::make(Task task) const {
  auto estimator = make_mlp(task);
  for (const auto& [name, text] : values_) {
    const auto own = estimator->parameters();
    if (!has(own, name)) {
      throw std::invalid_argument(
          fmt::format("{} is not a parameter of {}.", flag_name(name), estimator->name()));
    }
    estimator->set(name, text);
  }
  auto transformers = transformers_of(scale_);
  if (transformers.empty()) return estimator;
  return std::make_unique<Pipeline>(std::move(transformers), std::move(estimator));
}

std::string EstimatorOptions::description(Task task) const {
  std::string text;
  for (const auto& transformer : transformers_of(scale_)) {
    text += fmt::format("{} + ", transformer->name());
  }
  return text + (task == Task::classification ? "MLPClassifier" : "MLPRegressor");
}

std::string full_parameter_name(const Estimator& estimator, std::string_view name) {
  std::string wanted(name);
  std::replace(wanted.begin(), wanted.end(), '-', '_');
  const auto* pipeline = as_pipeline(estimator);
  const ParamSet all = estimator.parameters();
  if (has(all, wanted)) return wanted;
  const Estimator& last = pipeline != nullptr ? pipeline->estimator() : estimator;
  const ParamSet own = last.parameters();
  if (pipeline != nullptr && has(own, wanted)) return pipeline->estimator_name() + "__" + wanted;
  std::vector<std::string_view> known;
  for (const auto& [parameter, value] : own) known.push_back(parameter);
  throw std::invalid_argument(
      fmt::format("{} has no parameter '{}'.{}", last.name(), name, did_you_mean(name, known)));
}

std::string short_parameter_name(const Estimator& estimator, std::string_view name) {
  const auto* pipeline = as_pipeline(estimator);
  if (pipeline == nullptr) return std::string(name);
  const std::string prefix = pipeline->estimator_name() + "__";
  return std::string(name.starts_with(prefix) ? name.substr(prefix.size()) : name);
}

}  // namespace skarma::cli
