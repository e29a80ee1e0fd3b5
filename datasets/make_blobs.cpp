#include <skarma/datasets/make_blobs.hpp>

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include <skarma/datasets/internal/generated.hpp>

namespace skarma {
namespace {

constexpr const char* kBlobs = "make_blobs";

std::size_t n_centers_of(const BlobsOptions& options) {
  if (options.centers) return options.centers->rows();
  return options.n_samples_of_centers.empty() ? options.n_centers
                                              : options.n_samples_of_centers.size();
}

/// As even as can be, the first ones larger; or as they are given.
std::vector<std::size_t> sizes_of(const BlobsOptions& options, std::size_t n_centers) {
  if (!options.n_samples_of_centers.empty()) return options.n_samples_of_centers;
  std::vector<std::size_t> sizes(n_centers, options.n_samples / n_centers);
  for (std::size_t k = 0; k < options.n_samples % n_centers; ++k) ++sizes[k];
  return sizes;
}

void check(const BlobsOptions& options, std::size_t n_centers) {
  const std::size_t n_features = options.centers ? options.centers->cols() : options.n_features;
  require_option(n_centers > 0 && n_features > 0, kBlobs,
                 "there must be a center and a feature at least");
  const std::size_t n_sizes = options.n_samples_of_centers.size();
  require_option(
      n_sizes == 0 || n_sizes == n_centers, kBlobs,
      fmt::format("{} numbers of samples were given for {} centers", n_sizes, n_centers));
  require_option(n_sizes > 0 || options.n_samples > 0, kBlobs, "n_samples must be 1 or more");
  const std::size_t n_std = options.cluster_std.size();
  require_option(n_std == 1 || n_std == n_centers, kBlobs,
                 fmt::format("{} standard deviations were given for {} centers", n_std, n_centers));
  const bool spread = std::all_of(options.cluster_std.begin(), options.cluster_std.end(),
                                  [](double std) { return std >= 0.0; });
  require_option(spread, kBlobs, "cluster_std must be 0 or more");
  const auto [low, high] = options.center_box;
  require_option(low <= high, kBlobs,
                 fmt::format("center_box must be low and high in order, got ({}, {})", low, high));
}

}  // namespace

BlobsDataset make_blobs(const BlobsOptions& options) {
  const std::size_t n_centers = n_centers_of(options);
  check(options, n_centers);
  RandomState random = generator_of(options.random_state);
  BlobsDataset data;
  data.centers = options.centers
                     ? *options.centers
                     : uniform_matrix(random, options.center_box.first, options.center_box.second,
                                      n_centers, options.n_features);
  const auto sizes = sizes_of(options, n_centers);
  Matrix<double> x(std::accumulate(sizes.begin(), sizes.end(), std::size_t{0}),
                   data.centers.cols());
  std::vector<int> labels;
  for (std::size_t k = 0; k < n_centers; ++k) {
    const double std = options.cluster_std[options.cluster_std.size() == 1 ? 0 : k];
    for (std::size_t i = 0; i < sizes[k]; ++i) {
      const auto row = x.row(labels.size());
      for (std::size_t j = 0; j < row.size(); ++j) {
        row[j] = data.centers(k, j) + std * random.gauss();
      }
      labels.push_back(static_cast<int>(k));
    }
  }
  if (options.shuffle) {
    const auto order = random.permutation(x.rows());
    x = reordered_rows(x, order);
    labels = reordered(labels, order);
  }
  data.name = "blobs";
  data.description = "Gaussian clouds around centres.";
  data.x = std::move(x);
  data.feature_names = numbered_features(data.x.cols());
  data.y = std::move(labels);
  for (std::size_t k = 0; k < n_centers; ++k) data.target_names.push_back(fmt::format("{}", k));
  return data;
}

}  // namespace skarma
