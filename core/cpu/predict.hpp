#pragma once

#include <span>
#include <stop_token>

#include <skarma/core/base/sample_view.hpp>
#include <skarma/core/net/network_spec.hpp>
#include <skarma/core/net/not_finite_sample.hpp>
#include <skarma/core/parallel/thread_team.hpp>

namespace skarma {

/// The network's outputs for all samples, shape (n_samples, n_outputs), in blocks of rows that stay
/// in cache, which are shared among the threads of the team. Throws Cancelled after a stop request.
template <class T>
Matrix<T> predict_outputs(const NetworkSpec& spec, std::span<const T> parameters,
                          const SampleView& x, ThreadTeam& team = ThreadTeam::alone(),
                          const std::stop_token& stop = {});

/// The same for samples that nobody has looked at: throws NotFiniteSample if one is not finite.
/// They are looked at block by block, so that they come from memory once.
template <class T>
Matrix<T> checked_predict_outputs(const NetworkSpec& spec, std::span<const T> parameters,
                                  const SampleView& x, ThreadTeam& team = ThreadTeam::alone(),
                                  const std::stop_token& stop = {});

/// As the last one, what the last layer reads, shape (n_samples, its inputs), of dense samples.
template <class T>
Matrix<T> values_before_last(const NetworkSpec& spec, std::span<const T> parameters,
                             const SampleView& x, ThreadTeam& team = ThreadTeam::alone(),
                             const std::stop_token& stop = {});

/// The most threads that have something to do in a prediction for so many samples; 1 at least.
std::size_t most_predicting_threads(std::size_t n_samples);

}  // namespace skarma
