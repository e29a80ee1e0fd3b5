#pragma once

#include <skarma/gpu/block/functions.hpp>
#include <skarma/gpu/block/pass.hpp>

// Where the values of a step go, and the derivatives by what it reads.

namespace skarma::gpu {

/// z is kept where the derivative is taken through it.
template <class T>
SKARMA_PORTABLE void put_activated(const BlockPass<T>& pass, const BlockStep& step, Count i, T z) {
  if (step.preactivation != kNone) pass.buffer(step.preactivation)[i] = z;
  pass.buffer(step.output)[i] = activated(static_cast<ActivationFunction>(step.activation), z,
                                          static_cast<T>(step.activation_number));
}

/// The derivative by value number i of what a step reads: `sum` by what comes before it.
template <class T>
SKARMA_PORTABLE void put_input_delta(const BlockPass<T>& pass, const BlockStep& step, Count i,
                                     T sum) {
  T& place = pass.buffer(step.place)[i];
  const auto joined = static_cast<ActivationFunction>(step.joined);
  if (joined != kIdentity) sum *= slope(joined, place, static_cast<T>(step.joined_number));
  place = sum;
  if (step.onto != kNone) pass.buffer(step.onto)[i] += sum;
}

}  // namespace skarma::gpu
