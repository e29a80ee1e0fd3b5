#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <skarma/datasets/dataset.hpp>

namespace skarma {

/// scikit-learn's arguments of make_blobs, centers as three.
struct BlobsOptions {
  std::size_t n_samples = 100;                        // shared evenly between the centres
  std::vector<std::size_t> n_samples_of_centers{};    // in its place, one a centre
  std::size_t n_features = 2;                         // of centres that are drawn
  std::size_t n_centers = 3;                          // of those that are drawn
  std::optional<Matrix<double>> centers{};            // (n_centers, n_features), in their place
  std::vector<double> cluster_std{1.0};               // one for all, or one a centre
  std::pair<double, double> center_box{-10.0, 10.0};  // where centres are drawn
  bool shuffle = true;
  std::optional<std::uint32_t> random_state{};  // nullopt: another stream each time
};

/// Samples and their clouds, and where the clouds are.
struct BlobsDataset : Dataset {
  Matrix<double> centers;  // (n_centers, n_features)
};

/// Gaussian clouds around centres, class k around centre k: scikit-learn's make_blobs, draw for
/// draw. Throws std::invalid_argument for no samples, features or centres, negative deviations, a
/// box whose ends are not in order, and numbers of anything that differ from that of the centres.
BlobsDataset make_blobs(const BlobsOptions& options = {});

}  // namespace skarma
