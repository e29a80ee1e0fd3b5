#pragma once

#include <span>

#include <skarma/core/engine/engine.hpp>
#include <skarma/gpu/engine/opened_model.hpp>
#include <skarma/gpu/engine/workbench.hpp>

namespace skarma::gpu {

/// An open model and what of an epoch it is to go through.
template <class T>
struct TrainJob {
  OpenedModel<T>* model;
  const EpochRange* range;
  EpochLoss* loss;
};

/// Trains all models side by side.
template <class T>
void train_models(Workbench& bench, std::span<const TrainJob<T>> jobs);

}  // namespace skarma::gpu
