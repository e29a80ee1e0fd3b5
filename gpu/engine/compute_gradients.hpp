#pragma once

#include <span>

#include <skarma/core/engine/engine.hpp>
#include <skarma/gpu/engine/opened_model.hpp>
#include <skarma/gpu/engine/workbench.hpp>

namespace skarma::gpu {

/// An open model and where its loss and gradient are asked for.
template <class T>
struct LossJob {
  const OpenedModel<T>* model;
  const GradientJob* job;
  double* loss;
};

/// Losses and gradients of all jobs side by side; their parameters become the models'.
template <class T>
void compute_gradients(Workbench& bench, std::span<const LossJob<T>> jobs);

}  // namespace skarma::gpu
