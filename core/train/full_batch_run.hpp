#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <skarma/core/base/fit_control.hpp>
#include <skarma/core/engine/engine.hpp>
#include <skarma/core/engine/least_squares.hpp>
#include <skarma/core/optim/minimiser.hpp>
#include <skarma/core/train/history.hpp>

namespace skarma {

/// Samples that a run is scored on after each iteration, whatever comes of it.
struct FullBatchValidation {
  SampleView samples;  // finite ones
  std::function<double(const Matrix<double>& outputs)> score;
  std::function<double(const Matrix<double>& outputs)> loss;
};

/// One model that is trained on all samples at once, by L-BFGS, or by Levenberg and Marquardt where
/// there are `least_squares`. The caller fills in everything down to `control`; training leaves the
/// solution in `parameters`, and `result`.
struct FullBatchRun {
  ModelId model{};
  std::vector<double> parameters{};  // where it starts
  MinimiserLimits limits{};
  std::optional<LeastSquares> least_squares{};
  std::vector<std::pair<std::size_t, std::size_t>> frozen{};  // places that stay as they are
  FitControl control{};
  std::optional<FullBatchValidation> validation{};
  std::optional<NetworkSpec> spec{};  // what callbacks are told; needed where there are some
  bool float32 = false;               // whether it is the type of the result
  /// A model file's bytes for such parameters; needed where there are callbacks.
  std::function<std::string(std::span<const double> parameters)> to_bytes{};
  MinimiserResult result{};
  bool ended_by_callback = false;
  HistoryTable history{};
};

/// Trains every model of the group until each has ended. What they ask for is evaluated in one call
/// of the engine, whose models keep the parameters that were asked about last.
void train(Engine& engine, std::span<FullBatchRun* const> group);

/// Makes the solutions of a group that has been trained the parameters of its models, which takes
/// one evaluation more.
void settle(Engine& engine, std::span<FullBatchRun* const> group);

}  // namespace skarma
