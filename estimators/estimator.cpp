#include <skarma/estimators/estimator.hpp>

#include <stdexcept>

namespace skarma {

Matrix<double> Estimator::predict_proba(const SampleView&) const {
  throw std::invalid_argument(std::string(name()) +
                              " does not predict probabilities: it is not a classifier.");
}

}  // namespace skarma
