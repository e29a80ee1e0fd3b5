#pragma once

#include <vector>

#include <skarma/estimators/preprocessing/column_scaler.hpp>

namespace skarma {

/// scikit-learn's parameters of RobustScaler.
struct RobustScalerParams {
  bool with_centering = true;
  bool with_scaling = true;
  double quantile_low = 25.0;   // quantile_range[0], in percent
  double quantile_high = 75.0;  // quantile_range[1]
  bool unit_variance = false;
};

/// Takes the median from every column and divides by the range between two quantiles, on which
/// outliers have no say. Sparse samples stay sparse without centering.
class RobustScaler final : public ColumnScaler {
 public:
  explicit RobustScaler(RobustScalerParams params = {}) : params_(params) {}

  std::unique_ptr<Transformer> clone() const override;
  std::string_view name() const override { return "RobustScaler"; }
  RobustScaler& set(std::string_view parameter, const ParamValue& value) override;
  ParamSet parameters() const override;
  void validate() const override;
  /// Throws std::invalid_argument unless 0 <= quantile_low <= quantile_high <= 100.
  RobustScaler& fit(const SampleView& x) override;
  Learnt learnt() const override;

  /// Per column, shape (n_features): the median (0 without centering), and the range between the
  /// quantiles (1 without scaling and for a range of 0), with unit_variance over that of a normal
  /// variable.
  const std::vector<double>& center() const { return center_; }
  const std::vector<double>& scale() const { return scale_; }

 protected:
  std::span<const FigureName> figure_names() const override;
  void take_over(const Learnt& learnt) override;

 private:
  template <class T>
  void learn(const SampleView& x);
  void make_transform();

  RobustScalerParams params_;
  std::vector<double> center_;
  std::vector<double> scale_;
};

}  // namespace skarma
