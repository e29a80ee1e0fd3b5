#pragma once

#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <pybind11/numpy.h>

#include <skarma/estimators/estimator.hpp>
#include <skarma/estimators/metrics/scorer.hpp>
#include <skarma/model_selection/splitters.hpp>
#include <skarma/python/bindings/arrays.hpp>
#include <skarma/python/bindings/random_states.hpp>

namespace skarma::python {

/// The name of a step, its class and its parameters.
using TransformerStep = std::tuple<std::string, std::string, pybind11::dict>;
/// The name of a metric in the results, and the scorer's; "" is the estimator's own.
using Metric = std::pair<std::string, std::string>;
using Rows =
    pybind11::array_t<std::uint32_t, pybind11::array::c_style | pybind11::array::forcecast>;

/// What is cross-validated and how, as Python hands it over.
struct CrossValidationJob {
  std::unique_ptr<Estimator> estimator;
  Samples x;
  Target y;
  std::vector<double> sample_weight;
  bool weight_scores;
  Splits folds;
  Scoring scoring;
  bool return_train_score;
  std::optional<int> n_jobs;
  /// Where the fits of a network without a random_state draw from, one after another.
  std::shared_ptr<RandomState> random_state;
};

/// A network, MLPClassifier, MLPRegressor or BuiltNetworks, behind its transformers if there are
/// any.
std::unique_ptr<Estimator> make_estimator(const std::vector<TransformerStep>& transformers,
                                          const std::string& mlp_name, const pybind11::object& mlp);
/// The network of such an estimator, copied: of BuiltNetworks the Sequential.
pybind11::object mlp_of(const Estimator& estimator);
/// Lets a network that has no random_state draw from this generator, in place.
void draw_from(const std::shared_ptr<RandomState>& random_state, Estimator& estimator);

/// No metric at all: nothing is scored.
Scoring scoring_of(const std::vector<Metric>& metrics, bool is_multimetric);
/// Without rows to train on, all samples that are not tested are: these are then in order.
using Folds = std::vector<std::pair<std::optional<Rows>, Rows>>;
Splits splits_of(const Folds& folds, std::size_t n_samples);

}  // namespace skarma::python
