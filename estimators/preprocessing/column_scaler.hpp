#pragma once

#include <memory>

#include <skarma/estimators/transformer.hpp>

namespace skarma {

/// A scaler that learns one affine map per column, through which samples are seen. Sparse samples
/// whose zeros stay zeros are scaled entry by entry and stay sparse; others are seen as dense rows.
class ColumnScaler : public Transformer {
 public:
  /// What was learnt. Throws NotFittedError.
  std::shared_ptr<const ColumnTransform> column_transform() const;

  SampleView view(const SampleView& x) const override;
  Matrix<double> inverse_transform(const SampleView& x) const override;
  std::size_t n_features_in() const override { return column_transform()->n_columns(); }
  bool computes_anew() const override { return false; }

 protected:
  void set_column_transform(ColumnTransform transform) {
    transform_ = std::make_shared<const ColumnTransform>(std::move(transform));
  }

 private:
  template <class T>
  SampleView scaled_entries(const SampleView& x) const;

  std::shared_ptr<const ColumnTransform> transform_;
};

}  // namespace skarma
