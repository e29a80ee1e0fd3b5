#include <skarma/datasets/make_regression.hpp>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <skarma/datasets/internal/generated.hpp>
#include <skarma/datasets/internal/orthonormal.hpp>

namespace skarma {
namespace {

constexpr const char* kRegression = "make_regression";

void check(const RegressionOptions& options) {
  require_option(options.n_samples > 0 && options.n_features > 0 && options.n_targets > 0,
                 kRegression, "n_samples, n_features and n_targets must be 1 or more");
  require_option(!options.effective_rank || *options.effective_rank > 0, kRegression,
                 "effective_rank must be 1 or more");
  require_option(options.tail_strength >= 0.0 && options.tail_strength <= 1.0, kRegression,
                 fmt::format("tail_strength must be in [0, 1], got {}", options.tail_strength));
  require_option(options.noise >= 0.0, kRegression,
                 fmt::format("noise must be 0 or more, got {}", options.noise));
}

/// Singular values that fall in a bell, and more slowly in a tail: scikit-learn's
/// make_low_rank_matrix.
Matrix<double> low_rank_matrix(RandomState& random, const RegressionOptions& options) {
  const std::size_t n = std::min(options.n_samples, options.n_features);
  Matrix<double> u = orthonormal_columns(normal_matrix(random, options.n_samples, n));
  const Matrix<double> v = orthonormal_columns(normal_matrix(random, options.n_features, n));
  const auto rank = static_cast<double>(*options.effective_rank);
  for (std::size_t k = 0; k < n; ++k) {
    const double place = static_cast<double>(k) / rank;
    const double bell = (1.0 - options.tail_strength) * std::exp(-place * place);
    const double tail = options.tail_strength * std::exp(-0.1 * static_cast<double>(k) / rank);
    for (std::size_t i = 0; i < u.rows(); ++i) u(i, k) *= bell + tail;
  }
  Matrix<double> transposed(n, v.rows());
  for (std::size_t i = 0; i < v.rows(); ++i) {
    for (std::size_t k = 0; k < n; ++k) transposed(k, i) = v(i, k);
  }
  return small_product(u, transposed);
}

}  // namespace

RegressionDataset make_regression(const RegressionOptions& options) {
  check(options);
  RandomState random = generator_of(options.random_state);
  Matrix<double> x = options.effective_rank
                         ? low_rank_matrix(random, options)
                         : normal_matrix(random, options.n_samples, options.n_features);
  RegressionDataset data;
  data.coef = Matrix<double>(options.n_features, options.n_targets);
  const std::size_t n_informative = std::min(options.n_features, options.n_informative);
  for (std::size_t i = 0; i < n_informative; ++i) {
    for (double& c : data.coef.row(i)) c = 100.0 * random.random();
  }
  data.targets = small_product(x, data.coef);
  for (std::size_t i = 0; i < x.rows(); ++i) {
    for (double& y : data.targets.row(i)) {
      y += options.bias;
      if (options.noise > 0.0) y += options.noise * random.gauss();
    }
  }
  if (options.shuffle) {
    const auto order = random.permutation(x.rows());
    const auto features = random.permutation(x.cols());
    x = reordered_columns(reordered_rows(x, order), features);
    data.targets = reordered_rows(data.targets, order);
    data.coef = reordered_rows(data.coef, features);
  }
  data.name = "regression";
  data.description = "Targets that are linear in some of the features.";
  data.x = std::move(x);
  data.feature_names = numbered_features(data.x.cols());
  std::vector<double> first;
  for (std::size_t i = 0; i < data.targets.rows(); ++i) first.push_back(data.targets(i, 0));
  data.y = std::move(first);
  return data;
}

}  // namespace skarma
