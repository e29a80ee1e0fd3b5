#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <skarma/model_selection/cv_results.hpp>

namespace skarma {

/// One figure of every fit of a search, such as a test score: a number for each candidate and fold.
/// Different ones may be set by different threads.
class FitFigures {
 public:
  FitFigures(std::string name, std::size_t n_candidates, std::size_t n_folds)
      : name_(std::move(name)), of_fold_(n_folds, std::vector<double>(n_candidates)) {}

  double& at(std::size_t candidate, std::size_t fold) { return of_fold_[fold][candidate]; }
  MeanStd mean_and_std_of(std::size_t candidate) const;

  /// Keeps these candidates alone; the numbers rise.
  void keep(std::span<const std::size_t> candidates);
  /// Appends mean_<name> and std_<name>.
  void write_mean_std(CvResults& table) const;
  /// Before them split<fold>_<name> of each fold, which leave here.
  void write_all(CvResults& table) &&;

 private:
  std::string name_;
  std::vector<std::vector<double>> of_fold_;
};

}  // namespace skarma
