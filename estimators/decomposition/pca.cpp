#include <skarma/estimators/decomposition/pca.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

#include <fmt/format.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/core/base/internal/converted.hpp>
#include <skarma/core/linalg/decompositions.hpp>
#include <skarma/core/linalg/products.hpp>
#include <skarma/estimators/decomposition/internal/pca_choices.hpp>
#include <skarma/estimators/internal/input_checks.hpp>
#include <skarma/estimators/internal/learnt_figures.hpp>
#include <skarma/estimators/params/parameter_table.hpp>

namespace skarma {
namespace {

const ParameterTable<PCAParams>& pca_table() {
  static const auto rows = [] {
    const Domain components{
        .type = Domain::Type::integer, .names = {"mle"}, .fractions = true, .none = true};
    ParameterTable<PCAParams> t("PCA");
    t.add("n_components", &PCAParams::n_components, components,
          "Components to keep: a number, or the share of the variance that they are to explain.")
        .add("whiten", &PCAParams::whiten, domains::boolean(),
             "Whether components are brought to variance 1.")
        .add("svd_solver", &PCAParams::svd_solver,
             domains::name({"auto", "full", "covariance_eigh", "arpack", "randomized"}),
             "How the components are found.");
    return t;
  }();
  return rows;
}

/// True counts as 1.
PCAParams counted(PCAParams params) {
  if (const bool* flag = std::get_if<bool>(&params.n_components)) {
    params.n_components = static_cast<std::int64_t>(*flag);
  }
  return params;
}

bool is_sparse(const SampleView& x) {
  return x.sparse<float>() != nullptr || x.sparse<double>() != nullptr;
}

/// The solver that is used. Throws for what is declined.
std::string solver_for(const PCAParams& params, const SampleView& x) {
  const bool sparse = is_sparse(x);
  if (sparse && params.svd_solver == "full") {
    throw std::invalid_argument(
        "PCA takes sparse samples with svd_solver='covariance_eigh' alone. Got 'full'.");
  }
  const bool chooses = params.svd_solver == "auto";
  std::string solver =
      chooses ? chosen_solver(params.n_components, x.n_samples(), x.n_features(), sparse)
              : params.svd_solver;
  if (solver == "full" || solver == "covariance_eigh") return solver;
  const std::string how =
      chooses ? fmt::format(", to which 'auto' comes for {}samples of shape ({}, {}),",
                            sparse ? "sparse " : "", x.n_samples(), x.n_features())
              : "";
  throw std::invalid_argument(
      fmt::format("svd_solver='{}' of PCA{} is scikit-learn's alone: {} is exact and is here.",
                  solver, how, sparse ? "'covariance_eigh'" : "'full' or 'covariance_eigh'"));
}

void check_count(const PCAParams& params, const SampleView& x, std::string_view solver) {
  const std::size_t most = std::min(x.n_samples(), x.n_features());
  if (std::holds_alternative<std::string>(params.n_components) && x.n_samples() < x.n_features()) {
    throw std::invalid_argument("n_components='mle' is only supported if n_samples >= n_features");
  }
  const auto* count = std::get_if<std::int64_t>(&params.n_components);
  if (count == nullptr || static_cast<std::uint64_t>(*count) <= most) return;
  throw std::invalid_argument(fmt::format(
      "n_components={} must be between 0 and min(n_samples, n_features)={} with svd_solver='{}'",
      *count, most, solver));
}

template <class T>
std::vector<T> means_of(const SampleView& x) {
  std::vector<double> sums(x.n_features());
  if (const CsrView<T>* entries = x.sparse<T>()) {
    for (std::size_t i = 0; i < x.n_samples(); ++i) {
      const auto columns = entries->row_columns(x.stored_row(i));
      const auto values = entries->row_values(x.stored_row(i));
      for (std::size_t k = 0; k < values.size(); ++k) {
        sums[static_cast<std::size_t>(columns[k])] += static_cast<double>(values[k]);
      }
    }
  } else {
    std::vector<T> row(x.n_features());
    for (std::size_t i = 0; i < x.n_samples(); ++i) {
      x.gather(i, 1, row.data());
      for (std::size_t j = 0; j < row.size(); ++j) sums[j] += static_cast<double>(row[j]);
    }
  }
  for (double& sum : sums) sum /= static_cast<double>(x.n_samples());
  return converted<T>(sums);
}

/// Uses the samples where they lie, if they lie in a matrix, or a copy: use(view).
template <class T, class Use>
auto with_rows(const SampleView& x, Use use) {
  if (const auto* plain = x.plain<T>()) return use(*plain);
  const Matrix<T> rows = x.gathered<T>();
  return use(rows.view());
}

template <class T>
Matrix<T> gram_of_entries(const SampleView& x) {
  const CsrView<T>& entries = *x.sparse<T>();
  Matrix<T> gram(x.n_features(), x.n_features());
  for (std::size_t i = 0; i < x.n_samples(); ++i) {
    const auto columns = entries.row_columns(x.stored_row(i));
    const auto values = entries.row_values(x.stored_row(i));
    for (std::size_t a = 0; a < values.size(); ++a) {
      const auto row = gram.row(static_cast<std::size_t>(columns[a]));
      for (std::size_t b = 0; b < values.size(); ++b) {
        row[static_cast<std::size_t>(columns[b])] += values[a] * values[b];
      }
    }
  }
  return gram;
}

template <class T>
Matrix<T> covariance(const SampleView& x, const std::vector<T>& mean) {
  Matrix<T> result =
      x.sparse<T>() != nullptr
          ? gram_of_entries<T>(x)
          : with_rows<T>(x, [](MatrixView<const T> rows) { return gram_matrix<T>(rows); });
  const auto n = static_cast<T>(x.n_samples());
  for (std::size_t i = 0; i < mean.size(); ++i) {
    for (std::size_t j = 0; j < mean.size(); ++j) {
      result(i, j) = (result(i, j) - n * mean[i] * mean[j]) / (n - T(1));
    }
  }
  return result;
}

/// All components, their variances and singular values, in falling order.
template <class T>
struct AllComponents {
  Matrix<T> directions;  // rows
  std::vector<T> variances;
  std::vector<T> singular_values;
  Matrix<T> u{};  // of the singular value decomposition
};

template <class T>
AllComponents<T> by_samples(const SampleView& x, const std::vector<T>& mean) {
  Matrix<T> centred = x.gathered<T>();
  for (std::size_t i = 0; i < centred.rows(); ++i) {
    for (std::size_t j = 0; j < centred.cols(); ++j) centred(i, j) -= mean[j];
  }
  Svd<T> parts = svd(std::move(centred));
  std::vector<T> variances;
  for (const T s : parts.s) variances.push_back(s * s / (static_cast<T>(x.n_samples()) - T(1)));
  return {std::move(parts.vt), std::move(variances), std::move(parts.s), std::move(parts.u)};
}

template <class T>
AllComponents<T> by_covariance(const SampleView& x, const std::vector<T>& mean) {
  const Eigh<T> parts = eigh(covariance<T>(x, mean));
  const std::size_t n = mean.size();
  AllComponents<T> result{Matrix<T>(n, n), std::vector<T>(n), std::vector<T>(n)};
  for (std::size_t i = 0; i < n; ++i) {
    const auto direction = parts.vectors.row(n - 1 - i);
    std::copy(direction.begin(), direction.end(), result.directions.row(i).begin());
    const T value = parts.values[n - 1 - i];
    result.variances[i] = value < T(0) ? T(0) : value;
    result.singular_values[i] =
        std::sqrt(result.variances[i] * (static_cast<T>(x.n_samples()) - T(1)));
  }
  return result;
}

/// The largest element of each direction becomes positive. Source: scikit-learn's svd_flip.
template <class T>
void settle_signs(AllComponents<T>& all) {
  for (std::size_t i = 0; i < all.directions.rows(); ++i) {
    const auto direction = all.directions.row(i);
    const auto largest = std::max_element(direction.begin(), direction.end(),
                                          [](T a, T b) { return std::abs(a) < std::abs(b); });
    if (!(*largest < T(0))) continue;
    for (T& v : direction) v = -v;
    for (std::size_t row = 0; row < all.u.rows(); ++row) all.u(row, i) = -all.u(row, i);
  }
}

/// The variances' roots, by which whitened components are divided; none is too small for that.
template <class T>
std::vector<T> deviations(const std::vector<double>& variances) {
  std::vector<T> result;
  for (const double variance : variances) {
    const T root = std::sqrt(static_cast<T>(variance));
    result.push_back(root < std::numeric_limits<T>::epsilon() ? std::numeric_limits<T>::epsilon()
                                                              : root);
  }
  return result;
}

template <class T>
std::vector<double> first_of(const std::vector<T>& values, std::size_t n) {
  return {values.begin(), values.begin() + static_cast<std::ptrdiff_t>(n)};
}

/// Rows of sparse samples times the directions.
template <class T>
Matrix<T> projected_entries(const SampleView& x, const Matrix<T>& directions) {
  const CsrView<T>& entries = *x.sparse<T>();
  const std::size_t n = directions.rows();
  Matrix<T> by_feature(directions.cols(), n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < directions.cols(); ++j) by_feature(j, i) = directions(i, j);
  }
  Matrix<T> result(x.n_samples(), n);
  for (std::size_t i = 0; i < x.n_samples(); ++i) {
    const auto columns = entries.row_columns(x.stored_row(i));
    const auto values = entries.row_values(x.stored_row(i));
    const auto out = result.row(i);
    for (std::size_t k = 0; k < values.size(); ++k) {
      const auto direction = by_feature.row(static_cast<std::size_t>(columns[k]));
      for (std::size_t c = 0; c < n; ++c) out[c] += values[k] * direction[c];
    }
  }
  return result;
}

}  // namespace

std::unique_ptr<Transformer> PCA::clone() const { return std::make_unique<PCA>(params_); }

PCA::PCA(PCAParams params) : params_(counted(std::move(params))) {}

PCA& PCA::set(std::string_view parameter, const ParamValue& value) {
  pca_table().set(params_, parameter, value);
  params_ = counted(std::move(params_));
  return *this;
}

ParamSet PCA::parameters() const { return pca_table().values(params_); }

void PCA::validate() const { pca_table().validate(params_); }

/// Returns the samples of the fit, transformed, if they are wanted and at hand.
template <class T>
Matrix<T> PCA::learn(const SampleView& x, bool wants_samples) {
  const std::string solver = solver_for(params_, x);
  check_count(params_, x, solver);
  const std::vector<T> mean = means_of<T>(x);
  auto all = solver == "full" ? by_samples<T>(x, mean) : by_covariance<T>(x, mean);
  settle_signs(all);
  const std::vector<double> variances(all.variances.begin(), all.variances.end());
  const double total = std::accumulate(variances.begin(), variances.end(), 0.0);
  std::vector<double> ratios;
  for (const double variance : variances) {
    ratios.push_back(static_cast<double>(static_cast<T>(variance / total)));
  }
  const std::size_t n = kept_components(params_.n_components, variances, ratios, x.n_samples());
  const double left =
      std::accumulate(variances.begin() + static_cast<std::ptrdiff_t>(n), variances.end(), 0.0);
  const bool leaves_out = n < std::min(x.n_samples(), x.n_features());
  noise_variance_ = leaves_out ? left / static_cast<double>(variances.size() - n) : 0.0;
  mean_ = converted<double>(mean);
  components_ = Matrix<double>(n, x.n_features());
  for (std::size_t i = 0; i < n; ++i) {
    std::copy(all.directions.row(i).begin(), all.directions.row(i).end(),
              components_.row(i).begin());
  }
  explained_variance_ = first_of(variances, n);
  explained_variance_ratio_ = first_of(ratios, n);
  singular_values_ = first_of(all.singular_values, n);
  n_samples_ = static_cast<double>(x.n_samples());
  learnt_float32_ = std::is_same_v<T, float>;
  if (!wants_samples || all.u.rows() == 0) return {};
  Matrix<T> samples(x.n_samples(), n);
  const T root = std::sqrt(static_cast<T>(x.n_samples()) - T(1));
  for (std::size_t i = 0; i < samples.rows(); ++i) {
    for (std::size_t c = 0; c < n; ++c) {
      samples(i, c) = all.u(i, c) * (params_.whiten ? root : all.singular_values[c]);
    }
  }
  return samples;
}

PCA& PCA::fit(const SampleView& x) {
  validate();
  check_transformed(name(), x);
  if (x.is_float32()) {
    learn<float>(x, false);
  } else {
    learn<double>(x, false);
  }
  return *this;
}

/// The singular value decomposition of the samples has what becomes of them.
SampleView PCA::fit_view(const SampleView& x) {
  validate();
  check_transformed(name(), x);
  const auto learnt_view = [&]<class T>(T) {
    Matrix<T> samples = learn<T>(x, true);
    return samples.rows() == 0 ? view(x) : SampleView::owning(std::move(samples));
  };
  return x.is_float32() ? learnt_view(float()) : learnt_view(double());
}

const PCA& PCA::fitted() const {
  if (mean_.empty()) throw not_fitted(name());
  return *this;
}

std::size_t PCA::n_features_in() const { return fitted().mean_.size(); }
std::size_t PCA::n_features_out() const { return fitted().components_.rows(); }

template <class T>
SampleView PCA::seen(const SampleView& x) const {
  const Matrix<T> directions = converted<T>(components_);
  Matrix<T> result = x.sparse<T>() != nullptr
                         ? projected_entries<T>(x, directions)
                         : with_rows<T>(x, [&](MatrixView<const T> rows) {
                             return product_with_transposed<T>(rows, directions);
                           });
  const Matrix<T> mean(1, mean_.size(), converted<T>(mean_));
  const Matrix<T> shift = product_with_transposed<T>(mean, directions);
  const std::vector<T> divisors = deviations<T>(explained_variance_);
  for (std::size_t i = 0; i < result.rows(); ++i) {
    const auto row = result.row(i);
    for (std::size_t c = 0; c < row.size(); ++c) {
      row[c] -= shift(0, c);
      if (params_.whiten) row[c] /= divisors[c];
    }
  }
  return SampleView::owning(std::move(result));
}

SampleView PCA::view(const SampleView& x) const {
  check_n_features(name(), x, n_features_in());
  check_transformed(name(), x);
  return x.is_float32() && learnt_float32_ ? seen<float>(x) : seen<double>(x);
}

Matrix<double> PCA::inverse_transform(const SampleView& x) const {
  check_n_features(name(), x, n_features_out());
  check_transformed(name(), x);
  Matrix<double> directions = components_;
  for (std::size_t c = 0; params_.whiten && c < directions.rows(); ++c) {
    for (double& v : directions.row(c)) v *= std::sqrt(explained_variance_[c]);
  }
  Matrix<double> result = product<double>(x.gathered<double>(), directions);
  for (std::size_t i = 0; i < result.rows(); ++i) {
    for (std::size_t j = 0; j < mean_.size(); ++j) result(i, j) += mean_[j];
  }
  return result;
}

std::span<const Transformer::FigureName> PCA::figure_names() const {
  static constexpr FigureName kNames[] = {
      {"components"},      {"mean"},           {"explained_variance"}, {"explained_variance_ratio"},
      {"singular_values"}, {"noise_variance"}, {"n_samples"}};
  return kNames;
}

Transformer::Learnt PCA::learnt() const {
  fitted();
  return {{"components", {{components_.rows(), components_.cols()}, components_.values()}},
          {"mean", list_of(mean_)},
          {"explained_variance", list_of(explained_variance_)},
          {"explained_variance_ratio", list_of(explained_variance_ratio_)},
          {"singular_values", list_of(singular_values_)},
          {"noise_variance", list_of({noise_variance_})},
          {"n_samples", list_of({n_samples_})}};
}

void PCA::take_over(const Learnt& learnt) {
  const auto& [shape, components] = figures_of(learnt, "components");
  const auto& mean = list_in(learnt, "mean");
  if (shape.size() != 2 || shape[1] != mean.size() || mean.empty()) {
    throw std::invalid_argument("'components' are not of the shape (n_components, n_features)");
  }
  const auto& variance = list_in(learnt, "explained_variance");
  const auto& ratio = list_in(learnt, "explained_variance_ratio");
  const auto& singular = list_in(learnt, "singular_values");
  for (const auto* figures : {&variance, &ratio, &singular}) {
    if (figures->size() == shape[0]) continue;
    throw std::invalid_argument("there is not one figure for each component");
  }
  const double noise = number_in(learnt, "noise_variance");
  const double n_samples = number_in(learnt, "n_samples");
  components_ = Matrix<double>(shape[0], shape[1], components);
  mean_ = mean;
  explained_variance_ = variance;
  explained_variance_ratio_ = ratio;
  singular_values_ = singular;
  noise_variance_ = noise;
  n_samples_ = n_samples;
}

}  // namespace skarma
