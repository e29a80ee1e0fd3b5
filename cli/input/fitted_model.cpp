#include <skarma/cli/input/fitted_model.hpp>

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include <skarma/cli/input/nearest_file.hpp>
#include <skarma/cli/usage_error.hpp>
#include <skarma/cli/wording.hpp>
#include <skarma/core/base/errors.hpp>
#include <skarma/estimators/io/file_error.hpp>
#include <skarma/estimators/io/model_file.hpp>
#include <skarma/estimators/io/replace_file.hpp>
#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/estimators/pipeline.hpp>

namespace skarma::cli {
namespace {

std::string read_model_file(const std::string& path) {
  try {
    return read_file(path);
  } catch (const FileError& error) {
    if (error.code() != std::errc::no_such_file_or_directory) throw;
    const std::string nearest = did_you_mean_file(path);
    if (nearest.empty()) throw;
    throw DataError(path, 0, 0, "there is no such model." + nearest);
  }
}

/// Whether a file begins as safetensors do: behind eight bytes with a length is JSON.
bool begins_like_a_model(std::string_view bytes) { return bytes.size() > 8 && bytes[8] == '{'; }

std::unique_ptr<Estimator> load(const std::string& path) {
  if (path.empty()) throw UsageError("which model? Name the file that --save-model wrote.");
  const std::string bytes = read_model_file(path);
  if (!begins_like_a_model(bytes)) {
    throw DataError(path, 0, 0,
                    "this is no model; the first argument is the file that --save-model wrote");
  }
  return model_from_bytes(bytes, path);
}

ModelFeatures features_of(const Estimator& estimator) {
  const MLPBase& network = network_of(estimator);
  const auto* pipeline = dynamic_cast<const Pipeline*>(&estimator);
  if (pipeline == nullptr || pipeline->transformers().empty()) {
    return {network.n_features_in(), network.feature_names_in()};
  }
  const auto& own = pipeline->feature_names_in();
  return {pipeline->n_features_in(), own.empty() ? network.feature_names_in() : own};
}

const MLPClassifier* classifier_of(const Estimator& estimator) {
  return dynamic_cast<const MLPClassifier*>(&network_of(estimator));
}

/// The columns of targets that a network was fitted on.
std::size_t n_targets(const MLPBase& network) {
  const auto* classifier = dynamic_cast<const MLPClassifier*>(&network);
  if (classifier == nullptr) return network.n_outputs();
  return classifier->is_multilabel() ? network.n_outputs() : 1;
}

}  // namespace

const MLPBase& network_of(const Estimator& estimator) {
  const auto* pipeline = dynamic_cast<const Pipeline*>(&estimator);
  return dynamic_cast<const MLPBase&>(pipeline != nullptr ? pipeline->estimator() : estimator);
}

FittedModel::FittedModel(const std::string& path)
    : estimator_(load(path)), features_(features_of(*estimator_)) {}

TaskChoice FittedModel::task() const {
  const auto* classifier = classifier_of(*estimator_);
  if (classifier == nullptr) return TaskChoice::numbers;
  return std::holds_alternative<std::vector<std::string>>(classifier->classes())
             ? TaskChoice::words
             : TaskChoice::labels;
}

void FittedModel::check_kind(const Samples& samples) const {
  const auto fail = [&](const std::string& there, const std::string& here) {
    throw DataError(samples.name, 0, 0,
                    fmt::format("the model predicts {}, and the target has {}", there, here));
  };
  const Target& y = samples.y;
  const auto* classifier = classifier_of(*estimator_);
  const std::size_t n_outputs = n_targets(network_of(*estimator_));
  if (y.n_outputs() != n_outputs) {
    fail(counted(n_outputs, "output") + " a sample",
         fmt::format("{}; name each with a --target", y.n_outputs()));
  }
  if (classifier == nullptr && y.has_labels() &&
      std::holds_alternative<std::vector<std::string>>(y.classes())) {
    fail("numbers", "the words " + some_labels(y.classes()));
  }
  if (classifier == nullptr || n_outputs > 1) return;
  const std::string known = "the classes " + some_labels(classifier->classes());
  if (!y.has_labels()) fail(known, fmt::format("numbers such as {}", y.values()(0, 0)));
  const auto codes = codes_among(y, classifier->classes());
  if (std::all_of(codes.begin(), codes.end(), [](auto code) { return code < 0; })) {
    fail(known, "the labels " + some_labels(y.classes()) + ", none of which it knows");
  }
}

std::string FittedModel::unknown_labels(const Target& y) const {
  const auto* classifier = classifier_of(*estimator_);
  if (classifier == nullptr || !y.has_labels()) return "";
  const auto codes = codes_among(y, classifier->classes());
  std::set<std::int32_t> unknown;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    if (codes[i] < 0) unknown.insert(y.codes()[i]);
  }
  std::vector<std::string> labels;
  labels.reserve(unknown.size());
  for (const std::int32_t code : unknown) {
    labels.push_back(label_text(y.classes(), static_cast<std::size_t>(code)));
  }
  return listed(labels);
}

}  // namespace skarma::cli
