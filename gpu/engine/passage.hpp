#pragma once

#include <cstddef>

#include <skarma/core/engine/device_codes.hpp>
#include <skarma/gpu/engine/train_models.hpp>

namespace skarma::gpu {

/// A model with the rows that it goes through, which are on the device.
template <class T>
struct Passage {
  TrainJob<T> job;
  BlockRows rows;

  std::size_t n_batches() const {
    const std::size_t size = job.range->batch_size;
    return (rows.n + size - 1) / size;
  }
  BlockRule rule() const {
    const UpdateRule& of_model = job.model->rule;
    return {.rule = static_cast<Rule>(code_of(kRuleNamesByCode, of_model.name)),
            .rate = job.range->rate,
            .momentum = of_model.momentum,
            .nesterovs_momentum = of_model.nesterovs_momentum,
            .beta_1 = of_model.beta_1,
            .beta_2 = of_model.beta_2,
            .epsilon = of_model.epsilon,
            .weight_decay = of_model.weight_decay};
  }
};

}  // namespace skarma::gpu
