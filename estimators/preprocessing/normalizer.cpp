#include <skarma/estimators/preprocessing/normalizer.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <stdexcept>

#include <skarma/core/base/errors.hpp>
#include <skarma/estimators/internal/input_checks.hpp>
#include <skarma/estimators/internal/learnt_figures.hpp>
#include <skarma/estimators/internal/sparse_rows.hpp>
#include <skarma/estimators/params/parameter_table.hpp>

namespace skarma {
namespace {

const ParameterTable<NormalizerParams>& normalizer_table() {
  static const auto rows = [] {
    ParameterTable<NormalizerParams> t("Normalizer");
    t.add("norm", &NormalizerParams::norm, domains::name({"l1", "l2", "max"}),
          "By which norm samples are divided.");
    return t;
  }();
  return rows;
}

template <class T>
double norm_of(const std::string& norm, std::span<const T> values) {
  double result = 0.0;
  for (const T value : values) {
    const double size = std::abs(static_cast<double>(value));
    result = norm == "max" ? std::max(result, size) : result + (norm == "l1" ? size : size * size);
  }
  return norm == "l2" ? std::sqrt(result) : result;
}

/// `smallest`: norms below it are zero but for rounding.
template <class T>
void normalise(const std::string& norm, std::span<T> values, double smallest) {
  const double size = norm_of<T>(norm, values);
  if (size < smallest || size == 0.0) return;
  for (T& value : values) value /= static_cast<T>(size);
}

template <class T>
SampleView normalised(const std::string& norm, const SampleView& x) {
  if (x.sparse<T>() != nullptr) {
    CsrMatrix<T> entries = copied_rows<T>(x);
    for (std::size_t i = 0; i < x.n_samples(); ++i) {
      normalise(norm, row_of(entries, i).second, 0.0);
    }
    return SampleView::owning(std::move(entries));
  }
  Matrix<T> rows = x.gathered<T>();
  const double smallest = 10.0 * static_cast<double>(std::numeric_limits<T>::epsilon());
  for (std::size_t i = 0; i < rows.rows(); ++i) normalise(norm, rows.row(i), smallest);
  return SampleView::owning(std::move(rows));
}

}  // namespace

std::unique_ptr<Transformer> Normalizer::clone() const {
  return std::make_unique<Normalizer>(params_);
}

Normalizer& Normalizer::set(std::string_view parameter, const ParamValue& value) {
  normalizer_table().set(params_, parameter, value);
  return *this;
}

ParamSet Normalizer::parameters() const { return normalizer_table().values(params_); }

void Normalizer::validate() const { normalizer_table().validate(params_); }

Normalizer& Normalizer::fit(const SampleView& x) {
  validate();
  check_transformed(name(), x);
  n_features_in_ = x.n_features();
  learnt_float32_ = x.is_float32();
  return *this;
}

std::size_t Normalizer::n_features_in() const {
  if (!n_features_in_) throw not_fitted(name());
  return *n_features_in_;
}

SampleView Normalizer::view(const SampleView& x) const {
  check_n_features(name(), x, n_features_in());
  check_transformed(name(), x);
  if (x.is_float32()) return normalised<float>(params_.norm, x);
  return normalised<double>(params_.norm, x);
}

Matrix<double> Normalizer::inverse_transform(const SampleView&) const {
  throw std::logic_error("A Normalizer has no inverse_transform: the norms are gone.");
}

std::span<const Transformer::FigureName> Normalizer::figure_names() const {
  static constexpr FigureName kNames[] = {{"n_features_in"}};
  return kNames;
}

Transformer::Learnt Normalizer::learnt() const {
  return {{"n_features_in", list_of({static_cast<double>(n_features_in())})}};
}

void Normalizer::take_over(const Learnt& learnt) {
  const double n = number_in(learnt, "n_features_in");
  if (!(n >= 1.0 && n <= 9007199254740992.0 && n == std::floor(n))) {
    throw std::invalid_argument("'n_features_in' is not a number of features");
  }
  n_features_in_ = static_cast<std::size_t>(n);
}

}  // namespace skarma
