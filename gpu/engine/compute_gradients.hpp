#pragma once

#include <span>
#include <vector>

#include <skarma/core/base/internal/converted.hpp>
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

  /// Training samples.
  Count n_rows() const { return static_cast<Count>(model->data->view().n_samples()); }
  /// Null: they are gathered on the host.
  const BlockSamples* on_device() const { return model->data->template on_device<T>(); }
  /// In the type of the model.
  std::vector<T> parameters() const {
    return converted<T>(std::vector<double>(job->parameters.begin(), job->parameters.end()));
  }
};

/// Losses and gradients of all jobs side by side; their parameters become the models'.
template <class T>
void compute_gradients(Workbench& bench, std::span<const LossJob<T>> jobs);

}  // namespace skarma::gpu
