#include <skarma/estimators/pipeline.hpp>

#include <algorithm>
#include <cctype>
#include <map>
#include <stdexcept>

#include <fmt/format.h>

#include <skarma/core/base/internal/check.hpp>
#include <skarma/core/base/nearest_name.hpp>
#include <skarma/estimators/internal/input_checks.hpp>
#include <skarma/estimators/internal/prepared_fit.hpp>
#include <skarma/estimators/io/internal/model_archive.hpp>
#include <skarma/estimators/io/internal/model_kinds.hpp>

namespace skarma {
namespace {

std::string lower(std::string_view name) {
  std::string text(name);
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// Class names in lower case; those that occur several times are numbered from 1.
Pipeline::Transformers named(std::vector<std::unique_ptr<Transformer>> transformers) {
  std::map<std::string, int> times;
  for (const auto& transformer : transformers) ++times[lower(transformer->name())];
  std::map<std::string, int> used;
  Pipeline::Transformers result;
  for (auto& transformer : transformers) {
    std::string name = lower(transformer->name());
    if (times[name] > 1) name += fmt::format("-{}", ++used[lower(transformer->name())]);
    result.emplace_back(std::move(name), std::move(transformer));
  }
  return result;
}

Pipeline::Transformers cloned(const Pipeline::Transformers& transformers) {
  Pipeline::Transformers result;
  for (const auto& [name, transformer] : transformers)
    result.emplace_back(name, transformer->clone());
  return result;
}

/// What one step gives must be what the next one takes.
void check_widths(const ModelArchive& archive, const Pipeline::Transformers& transformers) {
  for (std::size_t i = 1; i < transformers.size(); ++i) {
    const auto& [before, giver] = transformers[i - 1];
    const auto& [after, taker] = transformers[i];
    if (giver->n_features_out() == taker->n_features_in()) continue;
    archive.fail(fmt::format("the step {} gives {} features, and {} takes {}", before,
                             giver->n_features_out(), after, taker->n_features_in()));
  }
}

}  // namespace

Pipeline::Pipeline(std::vector<std::unique_ptr<Transformer>> transformers,
                   std::unique_ptr<Estimator> estimator)
    : transformers_(named(std::move(transformers))), estimator_(std::move(estimator)) {
  SKARMA_CHECK(estimator_ != nullptr);
  estimator_name_ = lower(estimator_->name());
}

Pipeline::Pipeline(Transformers transformers, std::string estimator_name,
                   std::unique_ptr<Estimator> estimator)
    : transformers_(std::move(transformers)),
      estimator_name_(std::move(estimator_name)),
      estimator_(std::move(estimator)) {
  SKARMA_CHECK(estimator_ != nullptr);
  std::vector<std::string> names{estimator_name_};
  for (const auto& [name, transformer] : transformers_) names.push_back(name);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bool taken = std::count(names.begin(), names.end(), names[i]) > 1;
    if (!names[i].empty() && names[i].find("__") == std::string::npos && !taken) continue;
    throw std::invalid_argument(fmt::format(
        "'{}' cannot name a step of a Pipeline: names are not empty, not used twice and have no "
        "double underscore.",
        names[i]));
  }
}

Pipeline::Pipeline(const Pipeline& other)
    : Estimator(other),
      transformers_(cloned(other.transformers_)),
      estimator_name_(other.estimator_name_),
      estimator_(other.estimator_->clone()) {}

std::unique_ptr<Estimator> Pipeline::clone() const { return std::make_unique<Pipeline>(*this); }

Pipeline& Pipeline::set(std::string_view parameter, const ParamValue& value) {
  const auto cut = parameter.find("__");
  const std::string_view step = parameter.substr(0, cut);
  if (cut != std::string_view::npos) {
    const std::string_view name = parameter.substr(cut + 2);
    if (step == estimator_name_) {
      estimator_->set(name, value);
      return *this;
    }
    for (const auto& [transformer_name, transformer] : transformers_) {
      if (step != transformer_name) continue;
      transformer->set(name, value);
      return *this;
    }
  }
  const auto own = parameters();
  std::vector<std::string_view> known;
  std::string hint;
  for (const auto& [name, unused] : own) {
    known.push_back(name);
    if (name.ends_with(fmt::format("__{}", parameter))) {
      hint = fmt::format(" Did you mean '{}'?", name);
    }
  }
  if (hint.empty()) hint = did_you_mean(parameter, known);
  throw std::invalid_argument(
      fmt::format("Invalid parameter '{}' for estimator Pipeline.{} "
                  "Parameters are named step__parameter.",
                  parameter, hint));
}

ParamSet Pipeline::parameters() const {
  ParamSet all;
  const auto add = [&all](const std::string& step, const ParamSet& own) {
    for (const auto& [name, value] : own) all.emplace_back(step + "__" + name, value);
  };
  for (const auto& [name, transformer] : transformers_) add(name, transformer->parameters());
  add(estimator_name_, estimator_->parameters());
  return all;
}

void Pipeline::validate() const {
  for (const auto& [name, transformer] : transformers_) transformer->validate();
  estimator_->validate();
}

/// The samples as the estimator sees them.
SampleView Pipeline::fit_transformers(const SampleView& x) {
  SampleView seen = x;
  for (const auto& [name, transformer] : transformers_) seen = transformer->fit_view(seen);
  return seen;
}

/// The estimator has the names of the features that it sees, if they are those that came in.
FitOptions Pipeline::options_behind(const SampleView& x, std::size_t n_seen,
                                    const FitOptions& options) {
  check_n_names(options.feature_names.size(), x.n_features());
  FitOptions behind = options;
  feature_names_.clear();
  if (n_seen != x.n_features()) {
    feature_names_.assign(options.feature_names.begin(), options.feature_names.end());
    behind.feature_names = {};
  }
  return behind;
}

std::size_t Pipeline::n_features_in() const {
  SKARMA_CHECK(!transformers_.empty());
  return transformers_.front().second->n_features_in();
}

void Pipeline::set_feature_names(std::vector<std::string> names) {
  check_n_names(names.size(), n_features_in());
  feature_names_ = std::move(names);
}

std::unique_ptr<PreparedFit> Pipeline::prepare(const SampleView& x, const Target& y,
                                               const FitOptions& options) {
  const SampleView seen = fit_transformers(x);
  auto fit = estimator_->prepare(seen, y, options_behind(x, seen.n_features(), as_seen(options)));
  if (fit != nullptr) fit->seen = [this](const SampleView& other) { return transformed(other); };
  return fit;
}

Pipeline& Pipeline::fit(const SampleView& x, const Target& y, const FitOptions& options) {
  const SampleView seen = fit_transformers(x);
  estimator_->fit(seen, y, options_behind(x, seen.n_features(), as_seen(options)));
  return *this;
}

/// With the samples for validation as the estimator sees them, once the scalers are fitted.
FitOptions Pipeline::as_seen(const FitOptions& options) const {
  FitOptions seen = options;
  if (seen.validation) seen.validation->x = transformed(seen.validation->x);
  return seen;
}

SampleView Pipeline::transformed(const SampleView& x) const {
  SampleView seen = x;
  for (const auto& [name, transformer] : transformers_) seen = transformer->view(seen);
  return seen;
}

Target Pipeline::predict(const SampleView& x) const { return estimator_->predict(transformed(x)); }

Matrix<double> Pipeline::predict_proba(const SampleView& x) const {
  return estimator_->predict_proba(transformed(x));
}

double Pipeline::score(const SampleView& x, const Target& y,
                       std::span<const double> sample_weight) const {
  return estimator_->score(transformed(x), y, sample_weight);
}

void Pipeline::write(ModelArchive& archive) const {
  std::vector<std::string> names;
  const auto add = [&](const std::string& name, const auto& step) {
    ModelArchive part = archive.part(name);
    part.write_text("kind", std::string(step.name()));
    step.write(part);
  };
  for (const auto& [name, transformer] : transformers_) {
    names.push_back(name);
    add(name, *transformer);
  }
  add(estimator_name_, *estimator_);
  archive.write_names("scalers", names);
  archive.write_text("estimator", estimator_name_);
  if (!feature_names_.empty()) archive.write_names("feature_names", feature_names_);
}

void Pipeline::read(ModelArchive& archive) {
  Transformers transformers;
  for (const std::string& name : archive.names("scalers")) {
    ModelArchive part = archive.part(name);
    auto transformer = new_transformer(part.text("kind"));
    transformer->read(part);
    transformers.emplace_back(name, std::move(transformer));
  }
  const std::string estimator_name = archive.text("estimator");
  ModelArchive part = archive.part(estimator_name);
  const std::string kind = part.text("kind");
  if (kind == this->name()) archive.fail("a pipeline is a step of a pipeline");
  auto estimator = new_estimator(kind);
  estimator->read(part);
  Pipeline checked(std::move(transformers), estimator_name, std::move(estimator));
  check_widths(archive, checked.transformers_);
  std::vector<std::string> names;
  if (archive.has("feature_names")) names = archive.names("feature_names");
  transformers_ = std::move(checked.transformers_);
  estimator_name_ = std::move(checked.estimator_name_);
  estimator_ = std::move(checked.estimator_);
  feature_names_ = std::move(names);
  if (!feature_names_.empty() &&
      (transformers_.empty() || feature_names_.size() != n_features_in())) {
    archive.fail("there is not one name for each feature");
  }
}

}  // namespace skarma
