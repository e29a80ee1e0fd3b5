#pragma once

#include <cstdint>

namespace skarma {

/// What a network in training has beside its parameters: where random numbers come from, and what
/// keeps the moving statistics.
template <class T>
struct TrainingMode {
  std::uint64_t seed = 0;   // of dropout
  std::uint64_t step = 0;   // the number of the minibatch since training began
  T* statistics = nullptr;  // the parameters that are not trained, to be moved; null: left alone
};

}  // namespace skarma
