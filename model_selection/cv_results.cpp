#include <skarma/model_selection/cv_results.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>

#include <skarma/estimators/internal/pairwise_sum.hpp>

namespace skarma {
namespace {

const CvColumn* find(const CvResults& results, std::string_view name) {
  for (const CvColumn& column : results.columns) {
    if (column.name == name) return &column;
  }
  return nullptr;
}

template <class Values>
const Values& typed(const CvResults& results, std::string_view name) {
  const CvColumn* column = find(results, name);
  const Values* values = column == nullptr ? nullptr : std::get_if<Values>(&column->values);
  if (values == nullptr) {
    throw std::out_of_range("cv_results has no such column '" + std::string(name) + "'.");
  }
  return *values;
}

}  // namespace

const std::vector<double>& CvResults::numbers(std::string_view column) const {
  return typed<std::vector<double>>(*this, column);
}

const std::vector<std::int32_t>& CvResults::ranks(std::string_view column) const {
  return typed<std::vector<std::int32_t>>(*this, column);
}

bool CvResults::has(std::string_view column) const { return find(*this, column) != nullptr; }

MeanStd mean_and_std(std::vector<double> fold_scores) {
  const double n = static_cast<double>(fold_scores.size());
  const double mean = pairwise_sum(fold_scores) / n;
  for (double& v : fold_scores) v = (v - mean) * (v - mean);
  return {mean, std::sqrt(pairwise_sum(fold_scores) / n)};
}

std::vector<std::int32_t> ranks_of(const std::vector<double>& means) {
  double smallest = std::numeric_limits<double>::infinity();
  for (const double mean : means) {
    if (!std::isnan(mean)) smallest = std::min(smallest, mean);
  }
  std::vector<double> comparable = means;
  for (double& mean : comparable) {
    if (std::isnan(mean)) mean = smallest - 1.0;
  }
  std::vector<double> falling = comparable;
  std::sort(falling.begin(), falling.end(), std::greater<>());
  std::vector<std::int32_t> ranks;
  for (const double mean : comparable) {
    const auto larger = std::lower_bound(falling.begin(), falling.end(), mean, std::greater<>());
    ranks.push_back(static_cast<std::int32_t>(1 + (larger - falling.begin())));
  }
  return ranks;
}

}  // namespace skarma
