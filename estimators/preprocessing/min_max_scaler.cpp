#include <skarma/estimators/preprocessing/min_max_scaler.hpp>

#include <limits>
#include <stdexcept>

#include <fmt/format.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/estimators/internal/input_checks.hpp>
#include <skarma/estimators/internal/learnt_figures.hpp>
#include <skarma/estimators/params/parameter_table.hpp>

namespace skarma {
namespace {

const ParameterTable<MinMaxScalerParams>& min_max_scaler_table() {
  static const auto rows = [] {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    ParameterTable<MinMaxScalerParams> t("MinMaxScaler");
    t.add("low", &MinMaxScalerParams::low, domains::real(-infinity), "Lower end of the range.")
        .add("high", &MinMaxScalerParams::high, domains::real(-infinity), "Upper end of the range.")
        .add("clip", &MinMaxScalerParams::clip, domains::boolean(),
             "Whether to clip new samples to the range.")
        .require([](std::string_view, const MinMaxScalerParams& p) {
          if (p.low < p.high) return;
          throw std::invalid_argument(fmt::format(
              "Minimum of desired feature range must be smaller than maximum. Got ({}, {}).", p.low,
              p.high));
        });
    return t;
  }();
  return rows;
}

}  // namespace

std::unique_ptr<Transformer> MinMaxScaler::clone() const {
  return std::make_unique<MinMaxScaler>(params_);
}

MinMaxScaler& MinMaxScaler::set(std::string_view parameter, const ParamValue& value) {
  min_max_scaler_table().set(params_, parameter, value);
  return *this;
}

ParamSet MinMaxScaler::parameters() const { return min_max_scaler_table().values(params_); }

void MinMaxScaler::validate() const { min_max_scaler_table().validate(params_); }

template <class T>
void MinMaxScaler::learn(const SampleView& x) {
  const std::size_t width = x.n_features();
  std::vector<T> lowest(width, std::numeric_limits<T>::quiet_NaN());
  std::vector<T> highest = lowest;
  std::vector<T> row(width);
  for (std::size_t i = 0; i < x.n_samples(); ++i) {
    x.gather(i, 1, row.data());
    for (std::size_t j = 0; j < width; ++j) {
      // Written so that a NaN that is there gives way and one that comes is passed over.
      if (!(row[j] >= lowest[j]) && row[j] == row[j]) lowest[j] = row[j];
      if (!(row[j] <= highest[j]) && row[j] == row[j]) highest[j] = row[j];
    }
  }
  const T low = static_cast<T>(params_.low);
  const T size = static_cast<T>(params_.high) - low;
  data_min_.assign(lowest.begin(), lowest.end());
  data_max_.assign(highest.begin(), highest.end());
  scale_.clear();
  min_.clear();
  for (std::size_t j = 0; j < width; ++j) {
    const T range = highest[j] - lowest[j];
    const T scale = size / (range < 10 * std::numeric_limits<T>::epsilon() ? T(1) : range);
    scale_.push_back(scale);
    min_.push_back(low - lowest[j] * scale);
  }
}

MinMaxScaler::MinMaxScaler(MinMaxScalerParams params, std::vector<double> min,
                           std::vector<double> scale, std::vector<double> data_min,
                           std::vector<double> data_max, std::vector<double> n_samples_seen,
                           bool learnt_float32)
    : params_(params),
      scale_(std::move(scale)),
      min_(std::move(min)),
      data_min_(std::move(data_min)),
      data_max_(std::move(data_max)),
      n_samples_seen_(std::move(n_samples_seen)) {
  learnt_float32_ = learnt_float32;
  check_same_size({&min_, &scale_, &data_min_, &data_max_});
  check_counts(n_samples_seen_, 1);
  make_transform();
}

MinMaxScaler& MinMaxScaler::fit(const SampleView& x) {
  validate();
  check_scalable(name(), x);
  if (x.is_float32()) {
    learn<float>(x);
  } else {
    learn<double>(x);
  }
  n_samples_seen_ = {static_cast<double>(x.n_samples())};
  learnt_float32_ = x.is_float32();
  make_transform();
  return *this;
}

void MinMaxScaler::make_transform() {
  ColumnTransform transform{ColumnTransform::Kind::rescale, min_, scale_, std::nullopt};
  if (params_.clip) transform.clip = {params_.low, params_.high};
  set_column_transform(std::move(transform));
}

std::span<const Transformer::FigureName> MinMaxScaler::figure_names() const {
  static constexpr FigureName kNames[] = {
      {"min"}, {"scale"}, {"data_min"}, {"data_max"}, {"n_samples_seen", false}};
  return kNames;
}

Transformer::Learnt MinMaxScaler::learnt() const {
  column_transform();
  Learnt all = {{"min", list_of(min_)},
                {"scale", list_of(scale_)},
                {"data_min", list_of(data_min_)},
                {"data_max", list_of(data_max_)}};
  if (!n_samples_seen_.empty()) all["n_samples_seen"] = list_of(n_samples_seen_);
  return all;
}

void MinMaxScaler::take_over(const Learnt& learnt) {
  *this = MinMaxScaler(params_, list_in(learnt, "min"), list_in(learnt, "scale"),
                       list_in(learnt, "data_min"), list_in(learnt, "data_max"),
                       list_if_in(learnt, "n_samples_seen"), learnt_float32_);
}

}  // namespace skarma
