#include <skarma/core/engine/choose_device.hpp>

#include <algorithm>

namespace skarma {

double flops_per_step(const FitWork& work) {
  double n_weights = 0.0;
  for (std::size_t i = 1; i < work.layer_units.size(); ++i) {
    n_weights +=
        static_cast<double>(work.layer_units[i - 1]) * static_cast<double>(work.layer_units[i]);
  }
  const auto rows = static_cast<double>(std::min(work.batch_size, work.n_samples));
  return 6.0 * work.products_per_row.value_or(n_weights) * rows * static_cast<double>(work.n_fits);
}

std::string choose_device(const FitWork& work, const std::function<bool()>& has_gpu) {
  return flops_per_step(work) >= kLeastFlopsOnGpu && has_gpu() ? "cuda:0" : "cpu";
}

}  // namespace skarma
