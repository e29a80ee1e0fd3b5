#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <skarma/core/base/sample_view.hpp>
#include <skarma/core/engine/choose_device.hpp>
#include <skarma/estimators/estimator.hpp>
#include <skarma/estimators/target.hpp>

namespace skarma {

/// About how much work a fit is for each sample: the products of its passes through the network,
/// were there one output, by the parameters `hidden_layer_sizes` and `max_iter` of the estimator,
/// or of that of a pipeline. 1 where there are none.
double expected_work(const Estimator& estimator, std::size_t n_features);

/// What is known of a network's fit before it is prepared, by parameters of the same kind; nullopt
/// where there are none. It counts all samples and targets of a search, of which a fold has fewer.
std::optional<FitWork> fit_work(const Estimator& estimator, const SampleView& x, const Target& y);

/// About how many bytes of a device's memory such a fit takes for itself: parameters, gradient,
/// moments and the best parameters, the rows of a step on their way through the network and back,
/// what each sample has of targets, weight and order, and 40 KiB. 0 where nothing is known.
std::uint64_t expected_bytes(const Estimator& estimator, const SampleView& x, const Target& y);

/// The bytes of all samples, which fits share.
std::uint64_t sample_bytes(const SampleView& x);

}  // namespace skarma
