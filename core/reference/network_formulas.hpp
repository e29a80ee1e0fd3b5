#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <skarma/core/base/matrix.hpp>
#include <skarma/core/net/network_spec.hpp>
#include <skarma/core/net/targets.hpp>
#include <skarma/core/net/training_mode.hpp>

namespace skarma::reference {

/// The sums over the rows of some samples: of their losses, and of the gradients, packed.
template <class T>
struct LossAndGradient {
  double loss;
  std::vector<T> gradient;
  std::size_t n_right = 0;  // rows whose target is right: EpochLoss
};

/// Both for the samples `x`, shape (n_samples, n_inputs), of the network in training. They have no
/// penalty, and the gradient none of parameters that are not trained.
template <class T>
LossAndGradient<T> loss_and_gradient(const NetworkSpec& spec, std::span<const T> parameters,
                                     const Matrix<T>& x, const Targets<T>& targets,
                                     const TrainingMode<T>& training);

/// The sum over the rows of the weighted losses of outputs, shape (n_samples, n_outputs).
template <class T>
double loss_of_outputs(const LossChoice& loss, const Matrix<T>& outputs, const Targets<T>& targets);

/// Outputs of the network for the samples `x`, shape (n_samples, n_outputs).
template <class T>
Matrix<T> outputs(const NetworkSpec& spec, std::span<const T> parameters, const Matrix<T>& x);

/// Outputs of the network and their derivatives by the trained parameters, packed: row
/// i * n_outputs + k of `jacobian`, shape (n_samples * n_outputs, n_trained), is that of output k
/// of sample i. Only for networks whose layers compute each sample by itself.
struct OutputsAndJacobian {
  Matrix<double> outputs;
  Matrix<double> jacobian;
};
OutputsAndJacobian outputs_and_jacobian(const NetworkSpec& spec, std::span<const double> parameters,
                                        const Matrix<double>& x);

/// The derivatives by the samples `x`, shape (n_samples, n_inputs), of each one's loss, without
/// its weight, and of one of its outputs behind the link, by its number. The network predicts: it
/// drops nothing out and normalises by its moving statistics.
template <class T>
Matrix<T> loss_by_inputs(const NetworkSpec& spec, std::span<const T> parameters, const Matrix<T>& x,
                         const Targets<T>& targets);
template <class T>
Matrix<T> output_by_inputs(const NetworkSpec& spec, std::span<const T> parameters,
                           const Matrix<T>& x, std::span<const std::int32_t> outputs);

}  // namespace skarma::reference
