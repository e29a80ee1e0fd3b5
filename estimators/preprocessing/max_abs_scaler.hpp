#pragma once

#include <vector>

#include <skarma/estimators/preprocessing/column_scaler.hpp>

namespace skarma {

/// scikit-learn's parameters of MaxAbsScaler.
struct MaxAbsScalerParams {
  bool clip = false;
};

/// Divides every column by its largest absolute value: training samples come to lie in [-1, 1].
/// Sparse samples stay sparse. Computes in the data's own type, as scikit-learn.
class MaxAbsScaler final : public ColumnScaler {
 public:
  explicit MaxAbsScaler(MaxAbsScalerParams params = {}) : params_(params) {}

  std::unique_ptr<Transformer> clone() const override;
  std::string_view name() const override { return "MaxAbsScaler"; }
  MaxAbsScaler& set(std::string_view parameter, const ParamValue& value) override;
  ParamSet parameters() const override;
  void validate() const override;
  MaxAbsScaler& fit(const SampleView& x) override;
  Learnt learnt() const override;

  /// Per column, shape (n_features): scale is max_abs, 1 for a column of zeros. NaN: the column has
  /// no other value.
  const std::vector<double>& max_abs() const { return max_abs_; }
  const std::vector<double>& scale() const { return scale_; }
  double n_samples_seen() const { return n_samples_seen_; }

 protected:
  std::span<const FigureName> figure_names() const override;
  void take_over(const Learnt& learnt) override;

 private:
  void make_transform();

  MaxAbsScalerParams params_;
  std::vector<double> max_abs_;
  std::vector<double> scale_;
  double n_samples_seen_ = 0.0;
};

}  // namespace skarma
