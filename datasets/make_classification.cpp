#include <skarma/datasets/make_classification.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_set>

#include <fmt/format.h>

#include <skarma/datasets/internal/generated.hpp>

namespace skarma {
namespace {

constexpr const char* kClassification = "make_classification";

std::vector<double> weights_of(const ClassificationOptions& options) {
  std::vector<double> weights = options.weights;
  if (weights.empty()) {
    weights.assign(options.n_classes, 1.0 / static_cast<double>(options.n_classes));
  } else if (weights.size() + 1 == options.n_classes) {
    weights.push_back(1.0 - std::accumulate(weights.begin(), weights.end(), 0.0));
  }
  return weights;
}

void check_numbers_of(const std::optional<std::vector<double>>& numbers, const char* name,
                      std::size_t n_features) {
  require_option(
      !numbers || numbers->size() == 1 || numbers->size() == n_features, kClassification,
      fmt::format("{} must be one number, or one for each of the {} features", name, n_features));
}

void check(const ClassificationOptions& o) {
  const auto require = [](bool holds, const std::string& what) {
    require_option(holds, kClassification, what);
  };
  require(o.n_samples > 0 && o.n_informative > 0 && o.n_classes > 0 && o.n_clusters_per_class > 0,
          "n_samples, n_informative, n_classes and n_clusters_per_class must be 1 or more");
  const std::size_t n_told = o.n_informative + o.n_redundant + o.n_repeated;
  require(n_told <= o.n_features,
          fmt::format("{} features are informative, redundant or repeated, of {}", n_told,
                      o.n_features));
  const double n_clusters =
      static_cast<double>(o.n_classes) * static_cast<double>(o.n_clusters_per_class);
  require(
      static_cast<double>(o.n_informative) >= std::log2(n_clusters),
      fmt::format("{} classes of {} clusters need more corners than the 2^{} of n_informative={}",
                  o.n_classes, o.n_clusters_per_class, o.n_informative, o.n_informative));
  require(
      o.weights.empty() || o.weights.size() == o.n_classes || o.weights.size() + 1 == o.n_classes,
      fmt::format("{} weights were given for {} classes", o.weights.size(), o.n_classes));
  const auto weights = weights_of(o);
  const bool positive =
      std::all_of(weights.begin(), weights.end(), [](double w) { return w >= -1e-12; });
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  require(positive && sum <= 1.0 + 1e-12, "weights must be 0 or more, and sum to 1 at most");
  require(o.flip_y >= 0.0 && o.flip_y <= 1.0,
          fmt::format("flip_y must be in [0, 1], got {}", o.flip_y));
  require(o.class_sep > 0.0, fmt::format("class_sep must be above 0, got {}", o.class_sep));
  check_numbers_of(o.shift, "shift", o.n_features);
  check_numbers_of(o.scale, "scale", o.n_features);
  const bool scales =
      !o.scale || std::all_of(o.scale->begin(), o.scale->end(), [](double s) { return s > 0.0; });
  require(scales, "scale must be above 0");
}

/// scikit-learn's sample_without_replacement: its choice of an algorithm is part of the stream.
std::vector<std::uint64_t> drawn_without_replacement(RandomState& random, std::uint64_t population,
                                                     std::size_t n) {
  const double ratio = static_cast<double>(n) / static_cast<double>(population);
  if (ratio > 0.01 && ratio < 0.99) {
    const auto all = random.permutation(static_cast<std::size_t>(population));
    return {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(n)};
  }
  std::vector<std::uint64_t> drawn(n);
  if (ratio < 0.2) {
    std::unordered_set<std::uint64_t> taken;
    for (auto& item : drawn) {
      do {
        item = random.bounded(population - 1);
      } while (!taken.insert(item).second);
    }
    return drawn;
  }
  std::iota(drawn.begin(), drawn.end(), std::uint64_t{0});
  for (std::uint64_t i = n; i < population; ++i) {
    const std::uint64_t place = random.bounded(i);
    if (place < n) drawn[static_cast<std::size_t>(place)] = i;
  }
  return drawn;
}

/// Different corners of a cube with side 1. Dimensions beyond the last 30 are drawn one by one.
Matrix<double> corners(RandomState& random, std::size_t n, std::size_t n_dimensions) {
  const std::size_t n_last = std::min<std::size_t>(n_dimensions, 30);
  const std::size_t n_free = n_dimensions - n_last;
  Matrix<double> result(n, n_dimensions);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n_free; ++j) {
      result(i, j) = static_cast<double>(random.randint(0, 2));
    }
  }
  const auto drawn = drawn_without_replacement(random, std::uint64_t{1} << n_last, n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n_last; ++j) {
      result(i, n_free + j) = static_cast<double>((drawn[i] >> (n_last - 1 - j)) & 1U);
    }
  }
  return result;
}

Matrix<double> centroids(RandomState& random, const ClassificationOptions& options) {
  const std::size_t n_clusters = options.n_classes * options.n_clusters_per_class;
  Matrix<double> result = corners(random, n_clusters, options.n_informative);
  for (std::size_t k = 0; k < n_clusters; ++k) {
    for (double& v : result.row(k)) v = v * (2.0 * options.class_sep) - options.class_sep;
  }
  if (options.hypercube) return result;
  const auto of_clusters = uniform_matrix(random, 0.0, 1.0, n_clusters, 1);
  const auto of_features = uniform_matrix(random, 0.0, 1.0, 1, options.n_informative);
  for (std::size_t k = 0; k < n_clusters; ++k) {
    for (std::size_t j = 0; j < options.n_informative; ++j) {
      result(k, j) = result(k, j) * of_clusters(k, 0) * of_features(0, j);
    }
  }
  return result;
}

std::vector<std::size_t> cluster_sizes(const ClassificationOptions& options) {
  const auto weights = weights_of(options);
  std::vector<std::size_t> sizes;
  std::size_t n = 0;
  for (std::size_t k = 0; k < options.n_classes * options.n_clusters_per_class; ++k) {
    const double share = static_cast<double>(options.n_samples) * weights[k % options.n_classes] /
                         static_cast<double>(options.n_clusters_per_class);
    sizes.push_back(
        std::min(share > 0.0 ? static_cast<std::size_t>(share) : 0, options.n_samples - n));
    n += sizes.back();
  }
  for (std::size_t i = 0; n < options.n_samples; ++i, ++n) ++sizes[i % sizes.size()];
  return sizes;
}

/// As 2 * generator.uniform(size=(rows, cols)) - 1.
Matrix<double> symmetric_uniform(RandomState& random, std::size_t rows, std::size_t cols) {
  Matrix<double> result(rows, cols);
  for (std::size_t i = 0; i < rows; ++i) {
    for (double& v : result.row(i)) v = 2.0 * random.random() - 1.0;
  }
  return result;
}

/// Columns [first, first + part.cols()) of x become those of `part`.
void put_columns(Matrix<double>& x, std::size_t first, const Matrix<double>& part) {
  for (std::size_t i = 0; i < x.rows(); ++i) {
    std::copy(part.row(i).begin(), part.row(i).end(),
              x.row(i).begin() + static_cast<std::ptrdiff_t>(first));
  }
}

/// The informative features, cluster after cluster, and their classes.
Matrix<double> informative(RandomState& random, const ClassificationOptions& options,
                           std::vector<int>& labels) {
  const std::size_t width = options.n_informative;
  const auto sizes = cluster_sizes(options);
  const Matrix<double> centers = centroids(random, options);
  const Matrix<double> normal = normal_matrix(random, options.n_samples, width);
  Matrix<double> x(options.n_samples, width);
  for (std::size_t k = 0; k < sizes.size(); ++k) {
    const Matrix<double> mixture = symmetric_uniform(random, width, width);
    for (std::size_t i = 0; i < sizes[k]; ++i) {
      const auto row = normal.row(labels.size());
      const auto out = x.row(labels.size());
      for (std::size_t m = 0; m < width; ++m) {
        for (std::size_t j = 0; j < width; ++j) out[j] += row[m] * mixture(m, j);
      }
      for (std::size_t j = 0; j < width; ++j) out[j] += centers(k, j);
      labels.push_back(static_cast<int>(k % options.n_classes));
    }
  }
  return x;
}

void add_other_features(RandomState& random, const ClassificationOptions& options,
                        const Matrix<double>& told, Matrix<double>& x) {
  put_columns(x, 0, told);
  const std::size_t n_mixed = options.n_informative + options.n_redundant;
  if (options.n_redundant > 0) {
    const auto mixture = symmetric_uniform(random, options.n_informative, options.n_redundant);
    put_columns(x, options.n_informative, small_product(told, mixture));
  }
  for (std::size_t j = 0; j < options.n_repeated; ++j) {
    const double place = static_cast<double>(n_mixed - 1) * random.random() + 0.5;
    const auto source = static_cast<std::size_t>(place);
    for (std::size_t i = 0; i < x.rows(); ++i) x(i, n_mixed + j) = x(i, source);
  }
  const std::size_t first = n_mixed + options.n_repeated;
  put_columns(x, first, normal_matrix(random, x.rows(), options.n_features - first));
}

void flip_labels(RandomState& random, const ClassificationOptions& options,
                 std::vector<int>& labels) {
  std::vector<std::size_t> flipped;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (random.random() < options.flip_y) flipped.push_back(i);
  }
  for (const std::size_t i : flipped) {
    labels[i] = static_cast<int>(random.bounded(options.n_classes - 1));
  }
}

/// The numbers that were given, or drawn by `draw`, one a feature.
template <class Draw>
std::vector<double> one_a_feature(const std::optional<std::vector<double>>& given,
                                  std::size_t n_features, Draw draw) {
  if (given && given->size() == n_features) return *given;
  std::vector<double> numbers(n_features, given ? given->front() : 0.0);
  if (!given) std::generate(numbers.begin(), numbers.end(), draw);
  return numbers;
}

void shift_and_scale(RandomState& random, const ClassificationOptions& options, Matrix<double>& x) {
  const auto shift = one_a_feature(
      options.shift, x.cols(), [&] { return (2.0 * random.random() - 1.0) * options.class_sep; });
  const auto scale =
      one_a_feature(options.scale, x.cols(), [&] { return 1.0 + 100.0 * random.random(); });
  for (std::size_t i = 0; i < x.rows(); ++i) {
    for (std::size_t j = 0; j < x.cols(); ++j) x(i, j) = (x(i, j) + shift[j]) * scale[j];
  }
}

}  // namespace

Dataset make_classification(const ClassificationOptions& options) {
  check(options);
  RandomState random = generator_of(options.random_state);
  std::vector<int> labels;
  const Matrix<double> told = informative(random, options, labels);
  Matrix<double> x(options.n_samples, options.n_features);
  add_other_features(random, options, told, x);
  flip_labels(random, options, labels);
  shift_and_scale(random, options, x);
  if (options.shuffle) {
    const auto order = random.permutation(x.rows());
    const auto features = random.permutation(x.cols());
    x = reordered_columns(reordered_rows(x, order), features);
    labels = reordered(labels, order);
  }
  Dataset data;
  data.name = "classification";
  data.description = "Gaussian clusters at the corners of a cube.";
  data.x = std::move(x);
  data.feature_names = numbered_features(data.x.cols());
  data.y = std::move(labels);
  for (std::size_t k = 0; k < options.n_classes; ++k) {
    data.target_names.push_back(fmt::format("{}", k));
  }
  return data;
}

}  // namespace skarma
