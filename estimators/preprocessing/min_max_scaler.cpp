#include <skarma/estimators/preprocessing/min_max_scaler.hpp>

#include <limits>
#include <stdexcept>

#include <fmt/format.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/estimators/internal/input_checks.hpp>
#include <skarma/estimators/io/internal/model_archive.hpp>
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
             "Whether to clip new samples to the range.");
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
      n_samples_seen_(std::move(n_samples_seen)),
      learnt_float32_(learnt_float32) {
  check_same_size({&min_, &scale_, &data_min_, &data_max_});
  check_counts(n_samples_seen_, 1);
  make_transform();
}

MinMaxScaler& MinMaxScaler::fit(const SampleView& x) {
  min_max_scaler_table().validate(params_);
  if (params_.low >= params_.high) {
    throw std::invalid_argument(
        fmt::format("Minimum of desired feature range must be smaller than maximum. Got ({}, {}).",
                    params_.low, params_.high));
  }
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
  transform_ = std::make_shared<const ColumnTransform>(std::move(transform));
}

void MinMaxScaler::write(ModelArchive& archive) const {
  column_transform();
  archive.write_params(parameters());
  archive.write_tensor("min", {min_.size()}, min_);
  archive.write_tensor("scale", {scale_.size()}, scale_);
  archive.write_tensor("data_min", {data_min_.size()}, data_min_);
  archive.write_tensor("data_max", {data_max_.size()}, data_max_);
  if (!n_samples_seen_.empty()) {
    archive.write_tensor("n_samples_seen", {n_samples_seen_.size()}, n_samples_seen_);
  }
  if (learnt_float32_) archive.write_flag("learnt_float32", true);
}

void MinMaxScaler::read(ModelArchive& archive) {
  for (const auto& [name, value] : archive.params()) set(name, value);
  const auto figures = [&](const char* name) { return archive.tensor(name).values<double>(); };
  const auto counts = archive.numbers_if_there("n_samples_seen").value_or(std::vector<double>());
  try {
    *this = MinMaxScaler(params_, figures("min"), figures("scale"), figures("data_min"),
                         figures("data_max"), counts,
                         archive.has("learnt_float32") && archive.flag("learnt_float32"));
  } catch (const std::invalid_argument& error) {
    archive.fail(error.what());
  }
}

std::shared_ptr<const ColumnTransform> MinMaxScaler::column_transform() const {
  if (!transform_) throw not_fitted(name());
  return transform_;
}

}  // namespace skarma
