#pragma once

#include <string>

#include <skarma/core/base/matrix.hpp>
#include <skarma/estimators/target.hpp>

namespace skarma {

/// What a network predicts, decoded from its outputs.
struct DecodedOutputs {
  Target predicted;
  Matrix<double> probabilities;  // as predict_proba() gives them; empty for a regressor
  const Classes* classes;        // null for several labels at once and for a regressor
};

/// The scorer of this name (see Scorer) on outputs beside the truth.
double score_outputs(const std::string& scorer, const DecodedOutputs& outputs, const Target& truth,
                     std::span<const double> sample_weight);

}  // namespace skarma
