#pragma once

#include <skarma/core/cpu/pass.hpp>

namespace skarma {

/// What the processor does in a step of a plan. `forward` makes the values of the step's output;
/// `backward` takes the derivative of the loss by them (PlanStep::delta), puts the derivatives by
/// the step's parameters into the gradient, and makes the derivative by what the step reads.
template <class T>
struct LayerOperation {
  void (*forward)(const PlanStep& step, const Pass<T>& pass);
  void (*backward)(const PlanStep& step, const Pass<T>& pass);
};

/// The row of the table in operations.cpp.
template <class T>
const LayerOperation<T>& operation_of(const PlanStep& step);

// The rows, a file for each.

template <class T>
void run_dense(const PlanStep& step, const Pass<T>& pass);
template <class T>
void run_dense_back(const PlanStep& step, const Pass<T>& pass);

template <class T>
void run_batch_norm(const PlanStep& step, const Pass<T>& pass);
template <class T>
void run_batch_norm_back(const PlanStep& step, const Pass<T>& pass);

template <class T>
void run_layer_norm(const PlanStep& step, const Pass<T>& pass);
template <class T>
void run_layer_norm_back(const PlanStep& step, const Pass<T>& pass);

template <class T>
void run_maxout(const PlanStep& step, const Pass<T>& pass);
template <class T>
void run_maxout_back(const PlanStep& step, const Pass<T>& pass);

/// Of samples nobody wants a derivative: there is no backward.
template <class T>
void run_noise(const PlanStep& step, const Pass<T>& pass);

/// Both kinds.
template <class T>
void run_dropout(const PlanStep& step, const Pass<T>& pass);
template <class T>
void run_dropout_back(const PlanStep& step, const Pass<T>& pass);

/// Its derivative goes to both inputs as it is, in one place unless the plan says so.
template <class T>
void run_add(const PlanStep& step, const Pass<T>& pass);
template <class T>
void run_add_back(const PlanStep& step, const Pass<T>& pass);

template <class T>
void run_conv2d(const PlanStep& step, const Pass<T>& pass);
template <class T>
void run_conv2d_back(const PlanStep& step, const Pass<T>& pass);

template <class T>
void run_max_pool(const PlanStep& step, const Pass<T>& pass);
template <class T>
void run_max_pool_back(const PlanStep& step, const Pass<T>& pass);

template <class T>
void run_average_pool(const PlanStep& step, const Pass<T>& pass);
template <class T>
void run_average_pool_back(const PlanStep& step, const Pass<T>& pass);

template <class T>
void run_rescale(const PlanStep& step, const Pass<T>& pass);
template <class T>
void run_rescale_back(const PlanStep& step, const Pass<T>& pass);

/// Users' functions, called by this thread, sample by sample.
template <class T>
void run_custom(const PlanStep& step, const Pass<T>& pass);
template <class T>
void run_custom_back(const PlanStep& step, const Pass<T>& pass);

/// An activation that is a step of its own.
template <class T>
void run_activation(const PlanStep& step, const Pass<T>& pass);

/// Whether a step reads the samples, as predictions do where noise or dropout of them is for
/// training.
template <class T>
bool reads_samples(const PlanStep& step, const Pass<T>& pass);

/// The rows that a step reads, which are dense: the values of its buffer, or the samples.
template <class T>
kernels::DenseRows<T> input_rows(const PlanStep& step, const Pass<T>& pass);

/// What a step in training reads, also where that is the samples, which are copied to its output.
template <class T>
MatrixView<T> dense_input(const PlanStep& step, const Pass<T>& pass);

/// Adds a derivative that has been brought to the one of the other reader, if there is one.
template <class T>
void add_onto(const InputDelta& to, const Pass<T>& pass);

/// For steps that an activation is joined to: makes the derivative by z of the one by the output.
template <class T>
void join_derivative(const PlanStep& step, const Pass<T>& pass);

}  // namespace skarma
