#include <skarma/estimators/preprocessing/standard_scaler.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include <skarma/core/base/errors.hpp>
#include <skarma/estimators/internal/input_checks.hpp>
#include <skarma/estimators/internal/pairwise_sum.hpp>
#include <skarma/estimators/io/internal/model_archive.hpp>
#include <skarma/estimators/params/parameter_table.hpp>

namespace skarma {
namespace {

const ParameterTable<StandardScalerParams>& standard_scaler_table() {
  static const auto rows = [] {
    ParameterTable<StandardScalerParams> t("StandardScaler");
    t.add("with_mean", &StandardScalerParams::with_mean, domains::boolean(),
          "Whether to subtract the mean.")
        .add("with_std", &StandardScalerParams::with_std, domains::boolean(),
             "Whether to divide by the standard deviation.");
    return t;
  }();
  return rows;
}

/// Calls take(column, value) for every value that is not NaN, row after row.
template <class Take>
void for_each_value(const SampleView& x, Take take) {
  std::vector<double> row(x.n_features());
  for (std::size_t i = 0; i < x.n_samples(); ++i) {
    x.gather(i, 1, row.data());
    for (std::size_t j = 0; j < row.size(); ++j) {
      if (!std::isnan(row[j])) take(j, row[j]);
    }
  }
}

struct Moments {
  double n = 0.0;
  double mean = 0.0;
  double var = 0.0;
};

/// Corrected two-pass moments: the sum of the deviations, zero but for rounding, is taken out.
double corrected_variance(double squares, double deviations, double n) {
  return (squares - deviations * deviations / n) / n;
}

/// Two columns and more: NumPy adds row after row.
std::vector<Moments> moments_by_row(const SampleView& x) {
  std::vector<Moments> result(x.n_features());
  std::vector<double> deviations(result.size());
  std::vector<double> squares(result.size());
  for_each_value(x, [&](std::size_t j, double v) {
    result[j].n += 1.0;
    result[j].mean += v;
  });
  for (Moments& m : result) m.mean /= m.n;
  for_each_value(x, [&](std::size_t j, double v) {
    const double d = v - result[j].mean;
    deviations[j] += d;
    squares[j] += d * d;
  });
  for (std::size_t j = 0; j < result.size(); ++j) {
    result[j].var = corrected_variance(squares[j], deviations[j], result[j].n);
  }
  return result;
}

/// One column lies in memory one after another: NumPy adds pairwise.
Moments moments_of_column(const SampleView& x) {
  std::vector<double> values;
  for_each_value(x, [&](std::size_t, double v) { values.push_back(v); });
  const double n = static_cast<double>(values.size());
  const double mean = pairwise_sum(values) / n;
  for (double& v : values) v -= mean;
  const double deviations = pairwise_sum(values);
  for (double& v : values) v *= v;
  return {n, mean, corrected_variance(pairwise_sum(values), deviations, n)};
}

/// Whether a variance is zero but for rounding. Source: scikit-learn, `_is_constant_feature`.
bool is_constant(const Moments& m) {
  constexpr double epsilon = std::numeric_limits<double>::epsilon();
  const double rounding = m.n * m.mean * epsilon;
  return m.var <= m.n * epsilon * m.var + rounding * rounding;
}

}  // namespace

std::unique_ptr<Transformer> StandardScaler::clone() const {
  return std::make_unique<StandardScaler>(params_);
}

StandardScaler::StandardScaler(StandardScalerParams params, std::vector<double> mean,
                               std::vector<double> var, std::vector<double> scale,
                               std::vector<double> n_samples_seen)
    : params_(params),
      mean_(std::move(mean)),
      var_(std::move(var)),
      scale_(std::move(scale)),
      n_samples_seen_(std::move(n_samples_seen)) {
  check_same_size({&mean_, &var_, &scale_});
  check_counts(n_samples_seen_, mean_.size());
  make_transform();
}

StandardScaler& StandardScaler::set(std::string_view parameter, const ParamValue& value) {
  standard_scaler_table().set(params_, parameter, value);
  return *this;
}

ParamSet StandardScaler::parameters() const { return standard_scaler_table().values(params_); }

StandardScaler& StandardScaler::fit(const SampleView& x) {
  check_scalable(name(), x);
  const auto moments = x.n_features() == 1 ? std::vector{moments_of_column(x)} : moments_by_row(x);
  mean_.clear();
  var_.clear();
  scale_.clear();
  n_samples_seen_.clear();
  for (const Moments& m : moments) {
    n_samples_seen_.push_back(m.n);
    mean_.push_back(m.mean);
    var_.push_back(m.var);
    scale_.push_back(is_constant(m) ? 1.0 : std::sqrt(m.var));
  }
  const auto first = n_samples_seen_.begin();
  if (std::all_of(first, n_samples_seen_.end(), [&](double n) { return n == *first; })) {
    n_samples_seen_.resize(1);
  }
  make_transform();
  return *this;
}

void StandardScaler::make_transform() {
  ColumnTransform transform{ColumnTransform::Kind::standardise, mean_, scale_, std::nullopt};
  if (!params_.with_mean) transform.offset.assign(mean_.size(), 0.0);
  if (!params_.with_std) transform.scale.assign(mean_.size(), 1.0);
  transform_ = std::make_shared<const ColumnTransform>(std::move(transform));
}

void StandardScaler::write(ModelArchive& archive) const {
  column_transform();
  archive.write_params(parameters());
  archive.write_tensor("mean", {mean_.size()}, mean_);
  archive.write_tensor("var", {var_.size()}, var_);
  archive.write_tensor("scale", {scale_.size()}, scale_);
  if (!n_samples_seen_.empty()) {
    archive.write_tensor("n_samples_seen", {n_samples_seen_.size()}, n_samples_seen_);
  }
}

void StandardScaler::read(ModelArchive& archive) {
  for (const auto& [name, value] : archive.params()) set(name, value);
  const auto figures = [&](const char* name) { return archive.tensor(name).values<double>(); };
  const auto counts = archive.numbers_if_there("n_samples_seen").value_or(std::vector<double>());
  try {
    *this = StandardScaler(params_, figures("mean"), figures("var"), figures("scale"), counts);
  } catch (const std::invalid_argument& error) {
    archive.fail(error.what());
  }
}

std::shared_ptr<const ColumnTransform> StandardScaler::column_transform() const {
  if (!transform_) throw not_fitted(name());
  return transform_;
}

}  // namespace skarma
