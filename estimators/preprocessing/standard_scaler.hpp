#pragma once

#include <vector>

#include <skarma/estimators/preprocessing/column_scaler.hpp>

namespace skarma {

/// scikit-learn's parameters of StandardScaler.
struct StandardScalerParams {
  bool with_mean = true;
  bool with_std = true;
};

/// Brings every column to mean 0 and variance 1. Sums run in double, row after row (a single column
/// pairwise), without fused multiply-add, so that the figures are scikit-learn's to the last bit.
class StandardScaler final : public ColumnScaler {
 public:
  explicit StandardScaler(StandardScalerParams params = {}) : params_(params) {}
  /// One that has learnt these figures, one a column, from so many samples: no count, one, or one a
  /// column. Throws std::invalid_argument for other numbers of them, and for a count that is
  /// negative or not finite.
  StandardScaler(StandardScalerParams params, std::vector<double> mean, std::vector<double> var,
                 std::vector<double> scale, std::vector<double> n_samples_seen = {});

  std::unique_ptr<Transformer> clone() const override;
  std::string_view name() const override { return "StandardScaler"; }
  StandardScaler& set(std::string_view parameter, const ParamValue& value) override;
  ParamSet parameters() const override;
  void validate() const override;
  StandardScaler& fit(const SampleView& x) override;
  Learnt learnt() const override;

  /// Per column, shape (n_features). scale is the standard deviation, 1 for a constant column.
  const std::vector<double>& mean() const { return mean_; }
  const std::vector<double>& var() const { return var_; }
  const std::vector<double>& scale() const { return scale_; }
  /// How many values of each column were no NaN; one number where all columns have as many. Empty
  /// if it is not known: older model files do not tell.
  const std::vector<double>& n_samples_seen() const { return n_samples_seen_; }

 protected:
  std::span<const FigureName> figure_names() const override;
  void take_over(const Learnt& learnt) override;

 private:
  void make_transform();

  StandardScalerParams params_;
  std::vector<double> mean_;
  std::vector<double> var_;
  std::vector<double> scale_;
  std::vector<double> n_samples_seen_;
};

}  // namespace skarma
