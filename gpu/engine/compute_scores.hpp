#pragma once

#include <optional>
#include <span>
#include <vector>

#include <skarma/core/engine/engine.hpp>
#include <skarma/gpu/engine/opened_model.hpp>
#include <skarma/gpu/engine/workbench.hpp>

namespace skarma::gpu {

/// An open model, samples, and what is to be summed of its outputs for them.
template <class T>
struct ScoredModel {
  const OpenedModel<T>* model;
  const HeldSamples* data;
  const ScoreJob* job;
  std::optional<std::vector<double>>* sums;  // written; nullopt where it was asked to stop
};

/// Sums of all, side by side. Outputs that several neighbours are made of are computed once.
template <class T>
void compute_scores(Workbench& bench, std::span<const ScoredModel<T>> scored);

}  // namespace skarma::gpu
