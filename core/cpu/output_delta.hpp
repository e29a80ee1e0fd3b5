#pragma once

#include <cstddef>

#include <skarma/core/kernels/kernel_table.hpp>
#include <skarma/core/net/loss.hpp>

namespace skarma {

/// Makes outputs of z = W a, shape (rows, units), in their place.
template <class T>
void link_outputs(const Link& link, const T* bias, std::size_t rows, std::size_t units, T* z);

/// Makes deltas of z in their place, as the kernels do it: of a loss of the table, averaged over
/// outputs where that is chosen, or of a user's own. Returns the sum of the rows' losses.
template <class T>
double output_delta(const LossChoice& loss, const kernels::OutputBatch<T>& batch, T* bias_gradient);

}  // namespace skarma
