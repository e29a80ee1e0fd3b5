#include <skarma/model_selection/search/internal/search_parts.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/estimators/mlp/mlp_regressor.hpp>
#include <skarma/estimators/nn/estimators.hpp>
#include <skarma/estimators/pipeline.hpp>
#include <skarma/model_selection/search/internal/candidate_fitter.hpp>
#include <skarma/model_selection/search/internal/digests.hpp>

namespace skarma {
namespace {

constexpr std::string_view kParameter = "parameter ";

/// Parameters on which no number of a fit depends.
bool is_idle(std::string_view parameter) {
  constexpr std::array<std::string_view, 2> kIdle = {"n_threads", "verbose"};
  const auto last = parameter.rfind("__");
  if (last != std::string_view::npos) parameter.remove_prefix(last + 2);
  return std::ranges::find(kIdle, parameter) != kIdle.end();
}

void check_seeds(const Estimator& estimator) {
  for (const auto& [name, value] : estimator.parameters()) {
    if (!name.ends_with("random_state") || !std::holds_alternative<None>(value)) continue;
    throw std::invalid_argument(fmt::format(
        "A search with a journal needs a whole number as '{}', so that its fits can be repeated; "
        "got None or a generator.",
        name));
  }
}

/// A journal could not tell one function from another.
void check_known(const Estimator& estimator) {
  const auto* const pipeline = dynamic_cast<const Pipeline*>(&estimator);
  const Estimator& network = pipeline != nullptr ? pipeline->estimator() : estimator;
  if (dynamic_cast<const nn::BuiltEstimator*>(&network) == nullptr) return;
  throw std::invalid_argument(fmt::format(
      "A search over a {} has no journal, which does not know what its function builds.",
      network.name()));
}

std::string scoring_text(const FitAndScoreOptions& options) {
  std::string text;
  for (std::size_t i = 0; i < options.scoring->size(); ++i) {
    const Scorer& scorer = (*options.scoring)[i];
    text += fmt::format("{}{}={}", text.empty() ? "" : ", ", options.scoring->key(i),
                        scorer.known_name().empty() ? scorer.name() : scorer.known_name());
  }
  if (options.return_train_score) text += ", of training samples, too";
  if (!options.weight_scores) text += ", without weights";
  return text;
}

/// "name:Class" of each step in its order, which the parameters do not tell.
std::string steps_text(const Pipeline& pipeline) {
  std::string text;
  for (const auto& [name, step] : pipeline.transformers()) {
    text += fmt::format("{}:{}, ", name, step->name());
  }
  return text + fmt::format("{}:{}", pipeline.estimator_name(), pipeline.estimator().name());
}

const InitialWeights* initial_weights(const Estimator& estimator) {
  if (const auto* pipeline = dynamic_cast<const Pipeline*>(&estimator)) {
    return initial_weights(pipeline->estimator());
  }
  if (const auto* classifier = dynamic_cast<const MLPClassifier*>(&estimator)) {
    return &classifier->params().initial;
  }
  const auto* regressor = dynamic_cast<const MLPRegressor*>(&estimator);
  return regressor == nullptr ? nullptr : &regressor->params().initial;
}

/// Of what is no parameter by name.
Digest digest_of(const InitialWeights& initial) {
  Hasher hasher;
  for (const Matrix<double>& coefs : initial.coefs) {
    hasher.number(coefs.cols()).list(std::span(coefs.data(), coefs.rows() * coefs.cols()));
  }
  for (const std::vector<double>& intercepts : initial.intercepts) {
    hasher.list(std::span<const double>(intercepts));
  }
  return hasher.digest();
}

/// The part of one of them, or null.
const std::string* part_of(const SearchParts& parts, std::string_view name) {
  const auto found = std::ranges::find(parts, name, &SearchParts::value_type::first);
  return found == parts.end() ? nullptr : &found->second;
}

std::string difference_of(std::string_view name, const std::string& there,
                          const std::string& here) {
  constexpr std::array<std::string_view, 5> kDigests = {"data", "targets", "weights", "folds",
                                                        "initial weights"};
  if (std::ranges::find(kDigests, name) != kDigests.end()) return fmt::format("other {}", name);
  if (name.starts_with(kParameter)) name.remove_prefix(kParameter.size());
  return fmt::format("another search: {} is {} there, and {} here", name, there, here);
}

}  // namespace

std::string difference(const SearchParts& there, const SearchParts& here) {
  for (const auto& [name, value] : here) {
    const std::string* other = part_of(there, name);
    if (other == nullptr) return difference_of(name, "not known", value);
    if (*other != value) return difference_of(name, *other, value);
  }
  for (const auto& [name, value] : there) {
    if (part_of(here, name) == nullptr) return difference_of(name, value, "not known");
  }
  return "";
}

void check_same_folds(const Splits& splits, const Splits& again) {
  if (digest_of(splits) == digest_of(again)) return;
  throw std::invalid_argument(
      "A search with a journal needs the same folds each time: give the splitter a whole number as "
      "random_state.");
}

SearchDescription description_of(const Estimator& prototype, const ExhaustiveSource& source,
                                 const Folds& folds, const FitAndScoreOptions& options) {
  check_known(prototype);
  for (const ParamSet& candidate : source.candidates()) {
    check_seeds(*with_params(prototype, candidate));
  }
  SearchParts parts = {{"writer", "libskarma"},
                       {"version", fmt::format("{} ({})", SKARMA_VERSION, kResultsVersion)},
                       {"estimator", std::string(prototype.name())}};
  if (const auto* pipeline = dynamic_cast<const Pipeline*>(&prototype)) {
    parts.emplace_back("steps", steps_text(*pipeline));
  }
  for (const auto& [name, value] : prototype.parameters()) {
    if (!is_idle(name)) parts.emplace_back(std::string(kParameter) + name, to_text(value));
  }
  const InitialWeights* const initial = initial_weights(prototype);
  if (initial != nullptr && !initial->is_empty()) {
    parts.emplace_back("initial weights", digest_of(*initial).text());
  }
  parts.emplace_back("data", digest_of(folds.x()).text());
  parts.emplace_back("targets", digest_of(folds.y()).text());
  parts.emplace_back("weights", digest_of(folds.sample_weight()).text());
  parts.emplace_back("folds", digest_of(folds.splits()).text());
  parts.emplace_back("scoring", scoring_text(options));
  SearchDescription search{.parts = std::move(parts),
                           .metrics = {},
                           .has_train_scores = options.return_train_score,
                           .n_candidates = source.candidates().size(),
                           .n_folds = folds.size()};
  for (std::size_t i = 0; i < options.scoring->size(); ++i) {
    search.metrics.push_back(options.scoring->key(i));
  }
  return search;
}

}  // namespace skarma
