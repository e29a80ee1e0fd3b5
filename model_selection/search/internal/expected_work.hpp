#pragma once

#include <cstddef>

#include <skarma/estimators/estimator.hpp>

namespace skarma {

/// About how much work a fit is for each sample: the products of its passes through the network,
/// were there one output, by the parameters `hidden_layer_sizes` and `max_iter` of the estimator or
/// of a step of a pipeline. 1 where there are none.
double expected_work(const Estimator& estimator, std::size_t n_features);

}  // namespace skarma
