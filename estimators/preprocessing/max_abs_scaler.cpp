#include <skarma/estimators/preprocessing/max_abs_scaler.hpp>

#include <cmath>
#include <limits>

#include <skarma/estimators/internal/input_checks.hpp>
#include <skarma/estimators/internal/learnt_figures.hpp>
#include <skarma/estimators/internal/sparse_rows.hpp>
#include <skarma/estimators/params/parameter_table.hpp>

namespace skarma {
namespace {

const ParameterTable<MaxAbsScalerParams>& max_abs_scaler_table() {
  static const auto rows = [] {
    ParameterTable<MaxAbsScalerParams> t("MaxAbsScaler");
    t.add("clip", &MaxAbsScalerParams::clip, domains::boolean(),
          "Whether to clip new samples to [-1, 1].");
    return t;
  }();
  return rows;
}

/// The largest absolute value of each column; NaN is passed over.
template <class T>
std::vector<double> largest_of_columns(const SampleView& x) {
  std::vector<double> largest(x.n_features(), std::numeric_limits<double>::quiet_NaN());
  const auto take = [&](std::size_t j, T value) {
    const auto size = static_cast<double>(std::abs(value));
    if (!(size <= largest[j]) && !std::isnan(size)) largest[j] = size;
  };
  if (x.sparse<T>() != nullptr) {
    std::vector<std::size_t> entries(x.n_features());
    const CsrMatrix<T> all = copied_rows<T>(x);
    for (std::size_t k = 0; k < all.values.size(); ++k) {
      const auto column = static_cast<std::size_t>(all.columns[k]);
      ++entries[column];
      take(column, all.values[k]);
    }
    for (std::size_t j = 0; j < entries.size(); ++j) {
      if (entries[j] < x.n_samples()) take(j, T(0));
    }
    return largest;
  }
  std::vector<T> row(x.n_features());
  for (std::size_t i = 0; i < x.n_samples(); ++i) {
    x.gather(i, 1, row.data());
    for (std::size_t j = 0; j < row.size(); ++j) take(j, row[j]);
  }
  return largest;
}

}  // namespace

std::unique_ptr<Transformer> MaxAbsScaler::clone() const {
  return std::make_unique<MaxAbsScaler>(params_);
}

MaxAbsScaler& MaxAbsScaler::set(std::string_view parameter, const ParamValue& value) {
  max_abs_scaler_table().set(params_, parameter, value);
  return *this;
}

ParamSet MaxAbsScaler::parameters() const { return max_abs_scaler_table().values(params_); }

void MaxAbsScaler::validate() const { max_abs_scaler_table().validate(params_); }

MaxAbsScaler& MaxAbsScaler::fit(const SampleView& x) {
  check_scalable(name(), x);
  max_abs_ = x.is_float32() ? largest_of_columns<float>(x) : largest_of_columns<double>(x);
  scale_.clear();
  for (const double largest : max_abs_) {
    scale_.push_back(scale_without_zeros(largest, x.is_float32()));
  }
  n_samples_seen_ = static_cast<double>(x.n_samples());
  learnt_float32_ = x.is_float32();
  make_transform();
  return *this;
}

void MaxAbsScaler::make_transform() {
  ColumnTransform transform{ColumnTransform::Kind::standardise,
                            std::vector<double>(scale_.size(), 0.0), scale_, std::nullopt};
  if (params_.clip) transform.clip = {-1.0, 1.0};
  set_column_transform(std::move(transform));
}

std::span<const Transformer::FigureName> MaxAbsScaler::figure_names() const {
  static constexpr FigureName kNames[] = {{"max_abs"}, {"scale"}, {"n_samples_seen"}};
  return kNames;
}

Transformer::Learnt MaxAbsScaler::learnt() const {
  column_transform();
  return {{"max_abs", list_of(max_abs_)},
          {"scale", list_of(scale_)},
          {"n_samples_seen", list_of({n_samples_seen_})}};
}

void MaxAbsScaler::take_over(const Learnt& learnt) {
  const auto& max_abs = list_in(learnt, "max_abs");
  const auto& scale = list_in(learnt, "scale");
  check_same_size({&max_abs, &scale});
  check_counts(list_in(learnt, "n_samples_seen"), 1);
  n_samples_seen_ = number_in(learnt, "n_samples_seen");
  max_abs_ = max_abs;
  scale_ = scale;
  make_transform();
}

}  // namespace skarma
