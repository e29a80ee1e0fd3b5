#include <skarma/estimators/preprocessing/column_scaler.hpp>

#include <algorithm>

#include <skarma/estimators/internal/input_checks.hpp>
#include <skarma/estimators/internal/sparse_rows.hpp>

namespace skarma {
namespace {

bool keeps_zeros(const ColumnTransform& transform) {
  return transform.kind == ColumnTransform::Kind::standardise &&
         std::ranges::all_of(transform.offset, [](double v) { return v == 0.0; });
}

/// Devices clip behind a product alone.
std::shared_ptr<const ColumnTransform> clipping(const ColumnTransform& transform) {
  const std::size_t n = transform.n_columns();
  return std::make_shared<const ColumnTransform>(
      ColumnTransform{ColumnTransform::Kind::rescale, std::vector<double>(n, 0.0),
                      std::vector<double>(n, 1.0), transform.clip});
}

double unscaled(const ColumnTransform& transform, std::size_t j, double x) {
  const double offset = transform.offset[j], scale = transform.scale[j];
  if (transform.kind == ColumnTransform::Kind::standardise) return x * scale + offset;
  return (x - offset) / scale;
}

}  // namespace

std::shared_ptr<const ColumnTransform> ColumnScaler::column_transform() const {
  if (!transform_) throw not_fitted(name());
  return transform_;
}

/// By the reciprocal of the scale, as scikit-learn multiplies the columns of sparse samples.
template <class T>
SampleView ColumnScaler::scaled_entries(const SampleView& x) const {
  CsrMatrix<T> scaled = copied_rows<T>(x);
  std::vector<double> factors;
  for (const double scale : transform_->scale) factors.push_back(1.0 / scale);
  for (std::size_t k = 0; k < scaled.values.size(); ++k) {
    double value = static_cast<double>(scaled.values[k]) *
                   factors[static_cast<std::size_t>(scaled.columns[k])];
    if (transform_->clip) {
      value = std::clamp(value, transform_->clip->first, transform_->clip->second);
    }
    scaled.values[k] = static_cast<T>(value);
  }
  return SampleView::owning(std::move(scaled));
}

SampleView ColumnScaler::view(const SampleView& x) const {
  const auto transform = column_transform();
  check_n_features(name(), x, transform->n_columns());
  if (keeps_zeros(*transform) && x.sparse<float>() != nullptr) return scaled_entries<float>(x);
  if (keeps_zeros(*transform) && x.sparse<double>() != nullptr) return scaled_entries<double>(x);
  const bool clips_quotients =
      transform->clip && transform->kind == ColumnTransform::Kind::standardise;
  if (!clips_quotients) return x.transformed(transform);
  ColumnTransform quotients = *transform;
  quotients.clip.reset();
  return x.transformed(std::make_shared<const ColumnTransform>(std::move(quotients)))
      .transformed(clipping(*transform));
}

Matrix<double> ColumnScaler::inverse_transform(const SampleView& x) const {
  const auto transform = column_transform();
  check_n_features(name(), x, transform->n_columns());
  Matrix<double> result = x.gathered<double>();
  for (std::size_t i = 0; i < result.rows(); ++i) {
    const auto row = result.row(i);
    for (std::size_t j = 0; j < row.size(); ++j) row[j] = unscaled(*transform, j, row[j]);
  }
  return result;
}

}  // namespace skarma
