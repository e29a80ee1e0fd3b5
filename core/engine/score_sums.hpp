#pragma once

#include <cstddef>
#include <vector>

#include <skarma/core/base/matrix.hpp>
#include <skarma/core/engine/engine.hpp>

namespace skarma {

/// How many sums there are: one, or one for each of a network's outputs.
std::size_t n_sums(ScoreKind kind, std::size_t n_outputs);

/// Throws std::logic_error unless the targets are for so many samples and outputs: codes, which the
/// kind knows, or values.
void check_score(const ScoreJob& job, bool has_codes, std::size_t n_outputs, std::size_t n_samples);

/// The sums over the rows of `outputs`, one row after another. `epsilon` is that of the network's
/// type.
std::vector<double> score_sums(const ScoreJob& job, const Matrix<double>& outputs, double epsilon);

}  // namespace skarma
