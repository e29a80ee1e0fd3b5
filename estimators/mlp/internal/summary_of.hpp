#pragma once

#include <skarma/core/net/network_spec.hpp>
#include <skarma/estimators/mlp/network_summary.hpp>

namespace skarma {

NetworkSummary summary_of(const NetworkSpec& spec);

}  // namespace skarma
