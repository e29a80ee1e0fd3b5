#pragma once

#include <filesystem>
#include <memory>
#include <variant>

#include <skarma/estimators/estimator.hpp>
#include <skarma/estimators/nn/sequential.hpp>

namespace skarma {

/// What a model file may hold.
using AnyModel = std::variant<std::unique_ptr<Estimator>, nn::Sequential>;

/// Reads what save_model or nn::Sequential::save wrote. Throws as load_model does.
AnyModel load_any_model(const std::filesystem::path& path);

}  // namespace skarma
