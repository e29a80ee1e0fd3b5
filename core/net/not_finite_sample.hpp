#pragma once

#include <stdexcept>

namespace skarma {

/// A sample has NaN or infinity as the network reads it: in its type, after its transforms.
struct NotFiniteSample : std::invalid_argument {
  NotFiniteSample()
      : std::invalid_argument(
            "Input X contains a sample that is not finite once it is transformed and in the type "
            "that the network was trained in.") {}
};

}  // namespace skarma
