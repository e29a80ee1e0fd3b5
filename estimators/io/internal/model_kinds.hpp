#pragma once

#include <memory>
#include <string>

#include <skarma/estimators/estimator.hpp>
#include <skarma/estimators/transformer.hpp>

namespace skarma {

/// Of nn::Sequential, which is no estimator.
inline constexpr std::string_view kSequentialKind = "Sequential";

/// An unfitted object of the class with this name, to be filled from a model file.
/// Throws std::runtime_error for a class that model files do not hold.
std::unique_ptr<Estimator> new_estimator(const std::string& kind);
std::unique_ptr<Transformer> new_transformer(const std::string& kind);

}  // namespace skarma
