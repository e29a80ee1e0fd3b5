#include <skarma/core/engine/output_loss.hpp>

#include <numeric>

#include <skarma/core/base/internal/check.hpp>
#include <skarma/core/base/internal/converted.hpp>
#include <skarma/core/reference/network_formulas.hpp>

namespace skarma {

double mean_loss(const LossChoice& loss, const Matrix<double>& outputs,
                 const Targets<double>& targets, bool float32) {
  SKARMA_CHECK(targets.n_samples() == outputs.rows());
  const double sum = float32 ? reference::loss_of_outputs<float>(
                                   loss, converted<float>(outputs),
                                   {targets.codes, converted<float>(targets.values),
                                    converted<float>(targets.weights), targets.n_outputs})
                             : reference::loss_of_outputs<double>(loss, outputs, targets);
  const auto& weights = targets.weights;
  if (weights.empty()) return sum / static_cast<double>(outputs.rows());
  return sum / std::accumulate(weights.begin(), weights.end(), 0.0);
}

}  // namespace skarma
