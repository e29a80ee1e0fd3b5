#pragma once

#include <string_view>
#include <vector>

#include <skarma/datasets/dataset.hpp>

namespace skarma {

/// The names of the data sets inside the library, sorted.
std::vector<std::string_view> dataset_names();

/// A data set by its name: scikit-learn's copy of it, bit for bit, with its feature and target
/// names. Source and licence of each: datasets/README.md.
/// Throws std::invalid_argument for an unknown name, naming the nearest.
Dataset load_dataset(std::string_view name);

}  // namespace skarma
