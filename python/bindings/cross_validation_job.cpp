#include <skarma/python/bindings/cross_validation_job.hpp>

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <utility>

#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/estimators/mlp/mlp_regressor.hpp>
#include <skarma/estimators/pipeline.hpp>
#include <skarma/estimators/preprocessing/transformer_kinds.hpp>
#include <skarma/python/bindings/built_networks.hpp>
#include <skarma/python/bindings/param_values.hpp>
#include <skarma/python/bindings/topics.hpp>

namespace py = pybind11;

namespace skarma::python {
namespace {

std::unique_ptr<Estimator> to_estimator(const py::object& network) {
  if (py::isinstance<MLPClassifier>(network)) return network.cast<const MLPClassifier&>().clone();
  if (py::isinstance<MLPRegressor>(network)) return network.cast<const MLPRegressor&>().clone();
  return network.cast<const BuiltNetworks&>().estimator();
}

template <class Mlp>
bool draws_from(const std::shared_ptr<RandomState>& random_state, Estimator& estimator) {
  auto* mlp = dynamic_cast<Mlp*>(&estimator);
  if (mlp == nullptr) return false;
  if (!mlp->params().random_state.is_set()) mlp->set_random_state(RandomSeed(random_state));
  return true;
}

std::vector<RowIndex> rows_of(const Rows& array) {
  return {array.data(), array.data() + array.size()};
}

void check_rows(const std::vector<RowIndex>& rows, std::size_t n_samples) {
  if (rows.empty()) throw std::invalid_argument("A part of a fold has no rows.");
  if (*std::max_element(rows.begin(), rows.end()) < n_samples) return;
  throw std::invalid_argument("A fold names rows that are not there.");
}

/// The rows of a fold that trains on all others.
void check_tests(const std::vector<RowIndex>& rows, std::size_t n_samples) {
  if (rows.size() == n_samples) throw std::invalid_argument("A fold has no rows to train on.");
  const auto disordered = std::adjacent_find(rows.begin(), rows.end(), std::greater_equal<>());
  if (disordered == rows.end()) return;
  throw std::invalid_argument(
      "A fold that trains on all others must test each row once, in order.");
}

}  // namespace

std::unique_ptr<Estimator> make_estimator(const std::vector<TransformerStep>& transformers,
                                          const std::string& mlp_name, const py::object& mlp) {
  auto network = to_estimator(mlp);
  if (transformers.empty()) return network;
  Pipeline::Transformers steps;
  for (const auto& [name, kind, parameters] : transformers) {
    steps.emplace_back(name, make_transformer(kind));
  }
  auto pipeline = std::make_unique<Pipeline>(std::move(steps), mlp_name, std::move(network));
  for (const auto& [name, kind, parameters] : transformers) {
    for (const auto& [parameter, value] : parameters) {
      pipeline->set(name + "__" + parameter.cast<std::string>(), to_param_value(value));
    }
  }
  return pipeline;
}

py::object mlp_of(const Estimator& estimator) {
  if (const auto* pipeline = dynamic_cast<const Pipeline*>(&estimator)) {
    return mlp_of(pipeline->estimator());
  }
  if (const auto* classifier = dynamic_cast<const MLPClassifier*>(&estimator)) {
    return py::cast(*classifier);
  }
  if (const auto* built = dynamic_cast<const nn::BuiltEstimator*>(&estimator)) {
    return py::cast(nn::Sequential(built->model()));
  }
  return py::cast(dynamic_cast<const MLPRegressor&>(estimator));
}

void draw_from(const std::shared_ptr<RandomState>& random_state, Estimator& estimator) {
  if (auto* pipeline = dynamic_cast<Pipeline*>(&estimator)) {
    draw_from(random_state, pipeline->estimator());
  } else if (!draws_from<MLPClassifier>(random_state, estimator)) {
    draws_from<MLPRegressor>(random_state, estimator);
  }
}

Scoring scoring_of(const std::vector<Metric>& metrics, bool is_multimetric) {
  if (metrics.empty()) {
    return Scorer("nothing", [](const Estimator&, const SampleView&, const Target&,
                                std::span<const double>) { return 0.0; });
  }
  const auto own = [](const std::string& name) { return name.empty() ? Scorer() : Scorer(name); };
  if (!is_multimetric) return own(metrics.front().second);
  std::vector<Scorer> scorers;
  for (const auto& [key, name] : metrics) scorers.push_back(own(name).named(key));
  return scorers;
}

Splits splits_of(const Folds& folds, std::size_t n_samples) {
  if (folds.empty()) throw std::invalid_argument("There are no folds.");
  Splits splits(n_samples);
  for (const auto& [train, test] : folds) {
    std::vector<RowIndex> tests = rows_of(test);
    check_rows(tests, n_samples);
    if (!train) {
      check_tests(tests, n_samples);
      splits.add_test(std::move(tests));
      continue;
    }
    std::vector<RowIndex> trains = rows_of(*train);
    check_rows(trains, n_samples);
    splits.add({std::move(trains), std::move(tests)});
  }
  return splits;
}

}  // namespace skarma::python
