#include <skarma/estimators/preprocessing/robust_scaler.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include <fmt/format.h>

#include <skarma/estimators/internal/input_checks.hpp>
#include <skarma/estimators/internal/learnt_figures.hpp>
#include <skarma/estimators/internal/sparse_rows.hpp>
#include <skarma/estimators/params/parameter_table.hpp>
#include <skarma/estimators/preprocessing/internal/normal_quantile.hpp>

namespace skarma {
namespace {

const ParameterTable<RobustScalerParams>& robust_scaler_table() {
  static const auto rows = [] {
    const Domain percent{.type = Domain::Type::real, .high = 100.0, .high_included = true};
    ParameterTable<RobustScalerParams> t("RobustScaler");
    t.add("with_centering", &RobustScalerParams::with_centering, domains::boolean(),
          "Whether to subtract the median.")
        .add("with_scaling", &RobustScalerParams::with_scaling, domains::boolean(),
             "Whether to divide by the range between the quantiles.")
        .add("quantile_low", &RobustScalerParams::quantile_low, percent,
             "Where the range begins, in percent of the samples.")
        .add("quantile_high", &RobustScalerParams::quantile_high, percent, "Where the range ends.")
        .add("unit_variance", &RobustScalerParams::unit_variance, domains::boolean(),
             "Whether normal columns are to have variance 1.")
        .require([](std::string_view owner, const RobustScalerParams& p) {
          if (p.quantile_low > p.quantile_high) {
            throw std::invalid_argument(fmt::format("Invalid quantile range of {}: ({}, {})", owner,
                                                    p.quantile_low, p.quantile_high));
          }
          const bool is_open = p.quantile_low > 0.0 && p.quantile_high < 100.0;
          if (p.with_scaling && p.unit_variance && !is_open) {
            throw std::invalid_argument(fmt::format(
                "unit_variance of {} needs quantiles between 0 and 100, where a normal variable is "
                "finite. Got ({}, {}).",
                owner, p.quantile_low, p.quantile_high));
          }
        });
    return t;
  }();
  return rows;
}

/// Calls take(column, values) with the values of each column in turn, sorted and without NaN.
template <class T, class Take>
void for_each_sorted_column(const SampleView& x, Take take) {
  const auto sorted = [&](std::size_t j, std::vector<T>& column) {
    std::erase_if(column, [](T v) { return std::isnan(v); });
    std::sort(column.begin(), column.end());
    take(j, column);
  };
  if (x.sparse<T>() != nullptr) {
    const CsrMatrix<T> rows = copied_rows<T>(x);
    std::vector<std::vector<T>> columns(x.n_features());
    for (std::size_t k = 0; k < rows.values.size(); ++k) {
      columns[static_cast<std::size_t>(rows.columns[k])].push_back(rows.values[k]);
    }
    for (std::size_t j = 0; j < columns.size(); ++j) {
      columns[j].resize(x.n_samples(), T(0));
      sorted(j, columns[j]);
      columns[j] = {};
    }
    return;
  }
  const Matrix<T> all = x.gathered<T>();
  std::vector<T> column;
  for (std::size_t j = 0; j < all.cols(); ++j) {
    column.resize(all.rows());
    for (std::size_t i = 0; i < all.rows(); ++i) column[i] = all(i, j);
    sorted(j, column);
  }
}

template <class T>
double median(const std::vector<T>& sorted) {
  if (sorted.empty()) return std::numeric_limits<double>::quiet_NaN();
  const std::size_t half = sorted.size() / 2;
  if (sorted.size() % 2 == 1) return static_cast<double>(sorted[half]);
  return static_cast<double>((sorted[half - 1] + sorted[half]) / T(2));
}

/// Between the two neighbours of the place that a share of the values is below, linearly: NumPy's
/// percentile, which is in double for float32, too.
template <class T>
double percentile(const std::vector<T>& sorted, double percent) {
  if (sorted.empty()) return std::numeric_limits<double>::quiet_NaN();
  const double place = static_cast<double>(sorted.size() - 1) * (percent / 100.0);
  const auto first = static_cast<std::size_t>(place);
  const double low = static_cast<double>(sorted[first]);
  const double high = static_cast<double>(sorted[std::min(first + 1, sorted.size() - 1)]);
  const double t = place - static_cast<double>(first), range = high - low;
  return t < 0.5 ? low + range * t : high - range * (1.0 - t);
}

}  // namespace

std::unique_ptr<Transformer> RobustScaler::clone() const {
  return std::make_unique<RobustScaler>(params_);
}

RobustScaler& RobustScaler::set(std::string_view parameter, const ParamValue& value) {
  robust_scaler_table().set(params_, parameter, value);
  return *this;
}

ParamSet RobustScaler::parameters() const { return robust_scaler_table().values(params_); }

void RobustScaler::validate() const { robust_scaler_table().validate(params_); }

template <class T>
void RobustScaler::learn(const SampleView& x) {
  const double unit = params_.unit_variance ? normal_quantile(params_.quantile_high / 100.0) -
                                                  normal_quantile(params_.quantile_low / 100.0)
                                            : 1.0;
  center_.assign(x.n_features(), 0.0);
  scale_.assign(x.n_features(), 1.0);
  for_each_sorted_column<T>(x, [&](std::size_t j, const std::vector<T>& values) {
    if (params_.with_centering) center_[j] = median(values);
    if (!params_.with_scaling) return;
    const double range =
        percentile(values, params_.quantile_high) - percentile(values, params_.quantile_low);
    scale_[j] = scale_without_zeros(range, false) / unit;
  });
}

RobustScaler& RobustScaler::fit(const SampleView& x) {
  validate();
  check_scalable(name(), x);
  if (x.is_float32()) {
    learn<float>(x);
  } else {
    learn<double>(x);
  }
  learnt_float32_ = x.is_float32();
  make_transform();
  return *this;
}

void RobustScaler::make_transform() {
  set_column_transform({ColumnTransform::Kind::standardise, center_, scale_, std::nullopt});
}

std::span<const Transformer::FigureName> RobustScaler::figure_names() const {
  static constexpr FigureName kNames[] = {{"center"}, {"scale"}};
  return kNames;
}

Transformer::Learnt RobustScaler::learnt() const {
  column_transform();
  return {{"center", list_of(center_)}, {"scale", list_of(scale_)}};
}

void RobustScaler::take_over(const Learnt& learnt) {
  const auto& center = list_in(learnt, "center");
  const auto& scale = list_in(learnt, "scale");
  check_same_size({&center, &scale});
  center_ = center;
  scale_ = scale;
  make_transform();
}

}  // namespace skarma
