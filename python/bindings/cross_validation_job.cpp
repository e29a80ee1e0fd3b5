#include <skarma/python/bindings/cross_validation_job.hpp>

#include <stdexcept>

#include <skarma/estimators/min_max_scaler.hpp>
#include <skarma/estimators/mlp_classifier.hpp>
#include <skarma/estimators/mlp_regressor.hpp>
#include <skarma/estimators/pipeline.hpp>
#include <skarma/estimators/standard_scaler.hpp>
#include <skarma/python/bindings/param_values.hpp>

namespace py = pybind11;

namespace skarma::python {
namespace {

std::unique_ptr<Transformer> make_scaler(const std::string& kind) {
  if (kind == "StandardScaler") return std::make_unique<StandardScaler>();
  return std::make_unique<MinMaxScaler>();
}

const Estimator& to_estimator(const py::object& mlp) {
  if (py::isinstance<MLPClassifier>(mlp)) return mlp.cast<const MLPClassifier&>();
  return mlp.cast<const MLPRegressor&>();
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

/// All rows but these.
std::vector<RowIndex> others(const std::vector<RowIndex>& test, std::size_t n_samples) {
  std::vector<bool> left(n_samples, true);
  std::size_t n_left = n_samples;
  for (const RowIndex row : test) {
    if (row >= n_samples) throw std::invalid_argument("A fold tests rows that are not there.");
    if (left[row]) --n_left;
    left[row] = false;
  }
  std::vector<RowIndex> rows;
  rows.reserve(n_left);
  for (std::size_t row = 0; row < n_samples; ++row) {
    if (left[row]) rows.push_back(static_cast<RowIndex>(row));
  }
  return rows;
}

}  // namespace

std::unique_ptr<Estimator> make_estimator(const std::vector<ScalerStep>& scalers,
                                          const std::string& mlp_name, const py::object& mlp) {
  const Estimator& network = to_estimator(mlp);
  if (scalers.empty()) return network.clone();
  Pipeline::Scalers steps;
  for (const auto& [name, kind, parameters] : scalers) steps.emplace_back(name, make_scaler(kind));
  auto pipeline = std::make_unique<Pipeline>(std::move(steps), mlp_name, network.clone());
  for (const auto& [name, kind, parameters] : scalers) {
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

std::vector<TrainTest> splits_of(const Folds& folds, std::size_t n_samples) {
  std::vector<TrainTest> splits;
  splits.reserve(folds.size());
  for (const auto& [train, test] : folds) {
    splits.push_back({{}, rows_of(test)});
    splits.back().train = train ? rows_of(*train) : others(splits.back().test, n_samples);
  }
  return splits;
}

}  // namespace skarma::python
