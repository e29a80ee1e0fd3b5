#include <sstream>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include <skarma/cli/commands/flagged_command.hpp>
#include <skarma/cli/exit_code.hpp>
#include <skarma/cli/input/fitted_model.hpp>
#include <skarma/cli/signals.hpp>
#include <skarma/cli/wording.hpp>
#include <skarma/estimators/pipeline.hpp>
#include <skarma/estimators/runtime.hpp>

namespace skarma::cli {
namespace {

struct InfoFlags {
  std::string model;

  void add_to(CLI::App& command) {
    command.add_option("MODEL", model, "A file that --save-model wrote: what is in it.")
        ->type_name("");
  }
};

std::string machine_text() {
  const RuntimeInfo info = runtime_info();
  std::string text = fmt::format(
      "skarma   {}\n"
      "BLAS     {}\n"
      "SIMD     {}\n"
      "compiler {}\n"
      "threads  {}\n",
      SKARMA_VERSION, info.blas, info.simd, info.compiler, info.n_cores);
  for (const auto& [name, what] : gpu_lines(info)) text += fmt::format("{:<9}{}\n", name, what);
  return text;
}

/// "StandardScaler + MLPClassifier"
std::string steps_text(const Estimator& estimator) {
  std::string text;
  if (const auto* pipeline = dynamic_cast<const Pipeline*>(&estimator)) {
    for (const auto& [name, transformer] : pipeline->transformers())
      text += fmt::format("{} + ", transformer->name());
  }
  return text + std::string(network_of(estimator).name());
}

std::string features_text(const ModelFeatures& features) {
  if (features.names.empty()) return fmt::format("{}, without names", features.n);
  return fmt::format("{}: {}", features.names.size(), listed(features.names));
}

std::string target_text(const MLPBase& network) {
  const auto* classifier = dynamic_cast<const MLPClassifier*>(&network);
  const std::size_t n = network.n_outputs();
  if (classifier == nullptr) return n == 1 ? "a number" : fmt::format("{} numbers", n);
  if (classifier->is_multilabel()) return counted(n, "label") + " a sample";
  return fmt::format("{}: {}", counted(n_classes(classifier->classes()), "class"),
                     some_labels(classifier->classes()));
}

/// "tanh", or "relu, tanh" where hidden layers have their own.
std::string activation_text(const MLPBase& network) {
  for (const auto& [name, value] : network.parameters()) {
    if (name != "activation") continue;
    const auto* names = std::get_if<std::vector<std::string>>(&value);
    return names == nullptr ? plain_text(value) : fmt::format("{}", fmt::join(*names, ", "));
  }
  return "";
}

/// "4, 100, 3 units (tanh, softmax)"
std::string layers_text(const MLPBase& network) {
  std::vector<std::size_t> sizes = {network.n_features_in()};
  for (const auto& biases : network.intercepts()) sizes.push_back(biases.size());
  return fmt::format("{} units ({}, {}), {}", fmt::join(sizes, ", "), activation_text(network),
                     network.out_activation(), network.predicts_float32() ? "float32" : "float64");
}

/// " on cuda:0"; the processor goes without saying.
std::string device_text(const MLPBase& network) {
  const std::string& device = network.device_used();
  return device == "cpu" ? "" : " on " + device;
}

std::string model_text(const FittedModel& model) {
  const Estimator& estimator = model.estimator();
  const MLPBase& network = network_of(estimator);
  std::string text = fmt::format(
      "model     {}\n"
      "features  {}\n"
      "predicts  {}\n"
      "layers    {}\n"
      "training  {} iterations{}, loss {:.6g}\n",
      steps_text(estimator), features_text(model.features()), target_text(network),
      layers_text(network), network.n_iter(), device_text(network), network.loss());
  std::istringstream layers(network.summary().text());
  for (std::string line; std::getline(layers, line);) text += "  " + line + "\n";
  text += "parameters";
  for (const auto& [name, value] : network.parameters()) {
    text += fmt::format("\n  {} = {}", name, plain_text(value));
  }
  return text + "\n";
}

int print_info(const InfoFlags& flags, const Console& console) {
  const NothingToLose scope;
  console.print(flags.model.empty() ? machine_text() : model_text(FittedModel(flags.model)));
  return kDone;
}

}  // namespace

Action add_info(CLI::App& app) {
  return add_flagged_command<InfoFlags>(
      app, "info", "Print what is in a model file; without one, the version and what computes.",
      "Example:\n"
      "  skarma info cancer.safetensors",
      print_info);
}

}  // namespace skarma::cli
