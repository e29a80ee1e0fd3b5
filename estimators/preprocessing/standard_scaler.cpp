#include <skarma/estimators/preprocessing/standard_scaler.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include <skarma/core/base/errors.hpp>
#include <skarma/estimators/internal/input_checks.hpp>
#include <skarma/estimators/internal/learnt_figures.hpp>
#include <skarma/estimators/internal/pairwise_sum.hpp>
#include <skarma/estimators/internal/sparse_rows.hpp>
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

/// Sparse samples: zeros that are not there are counted, not visited.
template <class T>
std::vector<Moments> moments_of_entries(const SampleView& x) {
  const CsrMatrix<T> rows = copied_rows<T>(x);
  const std::size_t width = x.n_features();
  std::vector<Moments> result(width);
  for (Moments& m : result) m.n = static_cast<double>(x.n_samples());
  std::vector<double> stored(width), deviations(width), squares(width);
  const auto for_each_entry = [&](auto take) {
    for (std::size_t k = 0; k < rows.values.size(); ++k) {
      take(static_cast<std::size_t>(rows.columns[k]), static_cast<double>(rows.values[k]));
    }
  };
  for_each_entry([&](std::size_t j, double v) {
    stored[j] += 1.0;
    if (std::isnan(v)) {
      result[j].n -= 1.0;
    } else {
      result[j].mean += v;
    }
  });
  for (Moments& m : result) m.mean /= m.n;
  for (std::size_t j = 0; j < width; ++j) {
    const double zeros = static_cast<double>(x.n_samples()) - stored[j], mean = result[j].mean;
    deviations[j] = -mean * zeros;
    squares[j] = mean * mean * zeros;
  }
  for_each_entry([&](std::size_t j, double v) {
    if (std::isnan(v)) return;
    const double d = v - result[j].mean;
    deviations[j] += d;
    squares[j] += d * d;
  });
  for (std::size_t j = 0; j < width; ++j) {
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

std::vector<Moments> moments_of(const SampleView& x) {
  if (x.sparse<float>() != nullptr) return moments_of_entries<float>(x);
  if (x.sparse<double>() != nullptr) return moments_of_entries<double>(x);
  return x.n_features() == 1 ? std::vector{moments_of_column(x)} : moments_by_row(x);
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

void StandardScaler::validate() const { standard_scaler_table().validate(params_); }

StandardScaler& StandardScaler::fit(const SampleView& x) {
  check_scalable(name(), x);
  const auto moments = moments_of(x);
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
  set_column_transform(std::move(transform));
}

std::span<const Transformer::FigureName> StandardScaler::figure_names() const {
  static constexpr FigureName kNames[] = {{"mean"}, {"var"}, {"scale"}, {"n_samples_seen", false}};
  return kNames;
}

Transformer::Learnt StandardScaler::learnt() const {
  column_transform();
  Learnt all = {{"mean", list_of(mean_)}, {"var", list_of(var_)}, {"scale", list_of(scale_)}};
  if (!n_samples_seen_.empty()) all["n_samples_seen"] = list_of(n_samples_seen_);
  return all;
}

void StandardScaler::take_over(const Learnt& learnt) {
  *this = StandardScaler(params_, list_in(learnt, "mean"), list_in(learnt, "var"),
                         list_in(learnt, "scale"), list_if_in(learnt, "n_samples_seen"));
}

}  // namespace skarma
