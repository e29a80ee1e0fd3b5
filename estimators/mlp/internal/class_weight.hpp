#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <skarma/estimators/target.hpp>

namespace skarma {

/// Throws std::invalid_argument unless the text is "balanced" or a JSON object of weights by label.
void check_class_weight(std::string_view owner, const std::string& text);

/// The weights of samples times those of their classes: "balanced" ones, n / (n_classes * count),
/// counted by `sample_weight`, or those of a JSON object, {"label": weight}, 1 for labels that it
/// does not name. With several labels a sample the weights of all are multiplied. Throws
/// std::invalid_argument for an object that names other labels while classes are without a weight,
/// and for an object where there are several labels. Source: scikit-learn, `compute_class_weight`.
std::vector<double> weighted_by_class(const std::string& class_weight, const Target& y,
                                      const Classes& classes,
                                      std::span<const double> sample_weight);

}  // namespace skarma
