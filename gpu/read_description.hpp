#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <skarma/core/engine/device_abi.h>
#include <skarma/core/base/sample_view.hpp>
#include <skarma/core/engine/engine.hpp>
#include <skarma/core/net/network_spec.hpp>
#include <skarma/core/net/score_kind.hpp>
#include <skarma/core/net/targets.hpp>

namespace skarma::gpu {

// What was described, as it was. Codes and places that mean nothing are a bug of the other side: a
// std::logic_error.

NetworkSpec read_network(const skarma_network& network);
/// Shares the memory of values, columns, row starts and rows; copies the maps.
SampleView read_samples(const skarma_samples& samples);
Targets<double> read_targets(const skarma_targets& targets);
ScoreKind read_score_kind(std::int32_t code);
AnyModelState read_start(const skarma_start& start);
OpenModel read_model(const skarma_open_model& model);

}  // namespace skarma::gpu
