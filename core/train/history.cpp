#include <skarma/core/train/history.hpp>

#include <utility>

namespace skarma {
namespace {

/// NaN for the epochs behind the last figure.
std::vector<double> filled(std::vector<double> values, std::size_t size) {
  values.resize(size, std::numeric_limits<double>::quiet_NaN());
  return values;
}

}  // namespace

HistoryTable TrainingHistory::table() const {
  if (iterations) return *iterations;
  const std::size_t n = loss_curve.size();
  return {loss_curve.values(),
          filled(validation_scores.value_or(std::vector<double>()), n),
          filled(validation_losses.values(), n),
          filled(learning_rates.values(), n),
          filled(seconds.values(), n),
          accuracies.size() == 0 ? std::vector<double>() : filled(accuracies.values(), n)};
}

}  // namespace skarma
