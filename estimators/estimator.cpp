#include <skarma/estimators/estimator.hpp>

#include <stdexcept>

#include <skarma/estimators/internal/prepared_fit.hpp>

namespace skarma {

std::optional<ParamValue> Estimator::parameter(std::string_view name) const {
  for (auto& [own, value] : parameters()) {
    if (own == name) return value;
  }
  return {};
}

std::unique_ptr<PreparedFit> Estimator::prepare(const SampleView& x, const Target& y,
                                                const FitOptions& options) {
  fit(x, y, options);
  return nullptr;
}

Matrix<double> Estimator::predict_proba(const SampleView&) const {
  throw std::invalid_argument(std::string(name()) +
                              " does not predict probabilities: it is not a classifier.");
}

}  // namespace skarma
