#pragma once

#include <string>
#include <variant>
#include <vector>

#include <skarma/core/base/matrix.hpp>

namespace skarma {

/// A table to learn from, with the names that come with it.
struct Dataset {
  std::string name;
  std::string description;  // one line
  Matrix<double> x;         // (n_samples, n_features)
  std::vector<std::string> feature_names;
  /// One a sample: class numbers, real numbers, or class names.
  std::variant<std::vector<int>, std::vector<double>, std::vector<std::string>> y;
  std::vector<std::string> target_names;  // of the class numbers; empty otherwise
};

}  // namespace skarma
