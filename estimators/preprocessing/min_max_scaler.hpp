#pragma once

#include <vector>

#include <skarma/estimators/preprocessing/column_scaler.hpp>

namespace skarma {

/// scikit-learn's parameters of MinMaxScaler.
struct MinMaxScalerParams {
  double low = 0.0;   // feature_range[0]
  double high = 1.0;  // feature_range[1]
  bool clip = false;
};

/// Brings every column to the range [low, high]; computes in the data's own type, as scikit-learn.
class MinMaxScaler final : public ColumnScaler {
 public:
  explicit MinMaxScaler(MinMaxScalerParams params = {}) : params_(params) {}
  /// One that has learnt these figures, one a column, from so many samples: one count, or none.
  /// Throws std::invalid_argument for other numbers of them, and for a count that is negative or
  /// not finite.
  MinMaxScaler(MinMaxScalerParams params, std::vector<double> min, std::vector<double> scale,
               std::vector<double> data_min, std::vector<double> data_max,
               std::vector<double> n_samples_seen = {}, bool learnt_float32 = false);

  std::unique_ptr<Transformer> clone() const override;
  std::string_view name() const override { return "MinMaxScaler"; }
  MinMaxScaler& set(std::string_view parameter, const ParamValue& value) override;
  ParamSet parameters() const override;
  void validate() const override;
  /// Throws std::invalid_argument if low >= high.
  MinMaxScaler& fit(const SampleView& x) override;
  Learnt learnt() const override;

  /// Per column, shape (n_features): x scale + min is the scaled value.
  const std::vector<double>& scale() const { return scale_; }
  const std::vector<double>& min() const { return min_; }
  const std::vector<double>& data_min() const { return data_min_; }
  const std::vector<double>& data_max() const { return data_max_; }
  /// One number. Empty if it is not known: older model files do not tell.
  const std::vector<double>& n_samples_seen() const { return n_samples_seen_; }

 protected:
  std::span<const FigureName> figure_names() const override;
  void take_over(const Learnt& learnt) override;

 private:
  template <class T>
  void learn(const SampleView& x);
  void make_transform();

  MinMaxScalerParams params_;
  std::vector<double> scale_;
  std::vector<double> min_;
  std::vector<double> data_min_;
  std::vector<double> data_max_;
  std::vector<double> n_samples_seen_;
};

}  // namespace skarma
