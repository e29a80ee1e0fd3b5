#include <skarma/estimators/pipeline.hpp>

#include <algorithm>
#include <cctype>
#include <map>
#include <stdexcept>

#include <fmt/format.h>

#include <skarma/core/base/internal/check.hpp>
#include <skarma/core/base/nearest_name.hpp>
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
Pipeline::Scalers named(std::vector<std::unique_ptr<Transformer>> scalers) {
  std::map<std::string, int> times;
  for (const auto& scaler : scalers) ++times[lower(scaler->name())];
  std::map<std::string, int> used;
  Pipeline::Scalers result;
  for (auto& scaler : scalers) {
    std::string name = lower(scaler->name());
    if (times[name] > 1) name += fmt::format("-{}", ++used[lower(scaler->name())]);
    result.emplace_back(std::move(name), std::move(scaler));
  }
  return result;
}

Pipeline::Scalers cloned(const Pipeline::Scalers& scalers) {
  Pipeline::Scalers result;
  for (const auto& [name, scaler] : scalers) result.emplace_back(name, scaler->clone());
  return result;
}

}  // namespace

Pipeline::Pipeline(std::vector<std::unique_ptr<Transformer>> scalers,
                   std::unique_ptr<Estimator> estimator)
    : scalers_(named(std::move(scalers))), estimator_(std::move(estimator)) {
  SKARMA_CHECK(estimator_ != nullptr);
  estimator_name_ = lower(estimator_->name());
}

Pipeline::Pipeline(Scalers scalers, std::string estimator_name,
                   std::unique_ptr<Estimator> estimator)
    : scalers_(std::move(scalers)),
      estimator_name_(std::move(estimator_name)),
      estimator_(std::move(estimator)) {
  SKARMA_CHECK(estimator_ != nullptr);
  std::vector<std::string> names{estimator_name_};
  for (const auto& [name, scaler] : scalers_) names.push_back(name);
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
      scalers_(cloned(other.scalers_)),
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
    for (const auto& [scaler_name, scaler] : scalers_) {
      if (step != scaler_name) continue;
      scaler->set(name, value);
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
  for (const auto& [name, scaler] : scalers_) add(name, scaler->parameters());
  add(estimator_name_, estimator_->parameters());
  return all;
}

/// The samples as the estimator sees them.
SampleView Pipeline::fit_scalers(const SampleView& x) {
  SampleView seen = x;
  for (const auto& [name, scaler] : scalers_) seen = scaler->fit(seen).view(seen);
  return seen;
}

std::unique_ptr<PreparedFit> Pipeline::prepare(const SampleView& x, const Target& y,
                                               const FitOptions& options) {
  auto fit = estimator_->prepare(fit_scalers(x), y, options);
  if (fit != nullptr) fit->seen = [this](const SampleView& other) { return transformed(other); };
  return fit;
}

Pipeline& Pipeline::fit(const SampleView& x, const Target& y, const FitOptions& options) {
  estimator_->fit(fit_scalers(x), y, options);
  return *this;
}

SampleView Pipeline::transformed(const SampleView& x) const {
  SampleView seen = x;
  for (const auto& [name, scaler] : scalers_) seen = scaler->view(seen);
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
  for (const auto& [name, scaler] : scalers_) {
    names.push_back(name);
    add(name, *scaler);
  }
  add(estimator_name_, *estimator_);
  archive.write_names("scalers", names);
  archive.write_text("estimator", estimator_name_);
}

void Pipeline::read(ModelArchive& archive) {
  Scalers scalers;
  for (const std::string& name : archive.names("scalers")) {
    ModelArchive part = archive.part(name);
    auto scaler = new_transformer(part.text("kind"));
    scaler->read(part);
    scalers.emplace_back(name, std::move(scaler));
  }
  const std::string name = archive.text("estimator");
  ModelArchive part = archive.part(name);
  const std::string kind = part.text("kind");
  if (kind == this->name()) archive.fail("a pipeline is a step of a pipeline");
  auto estimator = new_estimator(kind);
  estimator->read(part);
  Pipeline checked(std::move(scalers), name, std::move(estimator));
  scalers_ = std::move(checked.scalers_);
  estimator_name_ = std::move(checked.estimator_name_);
  estimator_ = std::move(checked.estimator_);
}

}  // namespace skarma
