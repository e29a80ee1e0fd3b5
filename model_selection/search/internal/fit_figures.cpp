#include <skarma/model_selection/search/internal/fit_figures.hpp>

#include <utility>

#include <fmt/format.h>

namespace skarma {

MeanStd FitFigures::mean_and_std_of(std::size_t candidate) const {
  std::vector<double> values;
  values.reserve(of_fold_.size());
  for (const auto& column : of_fold_) values.push_back(column[candidate]);
  return mean_and_std(std::move(values));
}

void FitFigures::keep(std::span<const std::size_t> candidates) {
  for (auto& column : of_fold_) {
    for (std::size_t row = 0; row < candidates.size(); ++row) column[row] = column[candidates[row]];
    column.resize(candidates.size());
  }
}

void FitFigures::write_mean_std(CvResults& table) const {
  const std::size_t n_rows = table.params.size();
  std::vector<double> means(n_rows);
  std::vector<double> stds(n_rows);
  for (std::size_t row = 0; row < n_rows; ++row) {
    const auto [mean, std] = mean_and_std_of(row);
    means[row] = mean;
    stds[row] = std;
  }
  table.columns.push_back({"mean_" + name_, std::move(means)});
  table.columns.push_back({"std_" + name_, std::move(stds)});
}

void FitFigures::write_all(CvResults& table) && {
  const std::size_t first = table.columns.size();
  for (std::size_t f = 0; f < of_fold_.size(); ++f) {
    table.columns.push_back({fmt::format("split{}_{}", f, name_), std::vector<double>()});
  }
  write_mean_std(table);
  for (std::size_t f = 0; f < of_fold_.size(); ++f) {
    table.columns[first + f].values = std::move(of_fold_[f]);
  }
}

}  // namespace skarma
