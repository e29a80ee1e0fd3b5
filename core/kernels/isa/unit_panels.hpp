#pragma once

#include <skarma/core/kernels/isa/panels.hpp>

// The units of a layer as vectors that stay in registers, for the products of sparse inputs.

namespace skarma::kernels {
namespace {

/// Calls use(panel) for one panel of the units after another, each of at most `most` vectors, all
/// of about the same width.
template <class T, size_t most, class Use>
[[gnu::always_inline]] inline void for_each_unit_panel(size_t units, const Use& use) {
  constexpr size_t lanes = kLanes<T>;
  if (units < lanes) {
    use(Panel{0, 0, 1, units});
    return;
  }
  size_t open = vectors_of<T>(units);
  size_t n_panels = (open + most - 1) / most;
  for (size_t first = 0; open > 0; --n_panels) {
    const size_t vectors = (open + n_panels - 1) / n_panels;
    open -= vectors;
    const size_t end = open == 0 ? units : first + vectors * lanes;
    use(Panel{first, end - lanes, vectors, lanes});
    first += vectors * lanes;
  }
}

/// Calls use.operator()<vectors>() for the number of vectors, 1 ... most, as a constant.
template <size_t most, class Use>
[[gnu::always_inline]] inline void with_vectors(size_t vectors, const Use& use) {
  if constexpr (most > 1) {
    if (vectors < most) return with_vectors<most - 1>(vectors, use);
  }
  use.template operator()<most>();
}

}  // namespace
}  // namespace skarma::kernels
