#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <skarma/datasets/dataset.hpp>

namespace skarma {

/// scikit-learn's arguments of make_classification.
struct ClassificationOptions {
  std::size_t n_samples = 100;
  std::size_t n_features = 20;
  std::size_t n_informative = 2;
  std::size_t n_redundant = 2;  // random linear mixtures of the informative ones
  std::size_t n_repeated = 0;   // copies of these and of the informative ones; the rest is noise
  std::size_t n_classes = 2;
  std::size_t n_clusters_per_class = 2;
  std::vector<double> weights{};  // shares of the classes, one a class or but for the last one;
                                  // empty: all the same
  double flip_y = 0.01;           // share of the samples whose class is drawn at random
  double class_sep = 1.0;         // half of a side of the cube at whose corners clusters lie
  bool hypercube = true;          // false: at the corners of a random box
  /// Added to features, one for all or one a feature; nullopt: drawn in [-class_sep, class_sep).
  std::optional<std::vector<double>> shift = std::vector<double>{0.0};
  /// What features are then multiplied by, the same way; nullopt: drawn in [1, 101).
  std::optional<std::vector<double>> scale = std::vector<double>{1.0};
  bool shuffle = true;
  std::optional<std::uint32_t> random_state{};  // nullopt: another stream each time
};

/// Gaussian clusters at the corners of a cube, with features that tell nothing: scikit-learn's
/// make_classification, draw for draw, to rounding (I. Guyon, Design of experiments for the NIPS
/// 2003 variable selection benchmark). Throws std::invalid_argument for no samples, classes or
/// clusters, more features of a kind than there are, more clusters than corners, weights that are
/// negative or sum to more than 1, and values outside of their ranges.
Dataset make_classification(const ClassificationOptions& options = {});

}  // namespace skarma
