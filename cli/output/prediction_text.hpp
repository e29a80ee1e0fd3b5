#pragma once

#include <string>

#include <skarma/estimators/estimator.hpp>

namespace skarma::cli {

/// What a model predicts, as CSV text with a header and one line a sample: `prediction` (several
/// outputs: `prediction_1`, `prediction_2` ...), then, with `proba`, the probability of each class
/// as `proba_<class>` (several labels at once: of each label; a model of a single class has
/// scikit-learn's two columns, the second of which is `proba_other`). Numbers are as short as they
/// can be read back exactly. Throws std::invalid_argument if x has not the features of the model.
std::string predictions_as_csv(const Estimator& model, const SampleView& x, bool proba);

}  // namespace skarma::cli
