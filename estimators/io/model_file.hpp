#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include <skarma/estimators/estimator.hpp>

namespace skarma {

// A model file is one safetensors file: numbers, history and numeric labels as tensors, one
// metadata key `skarma` with JSON text for parameters, names and string labels. It is the same from
// C++, the command line and Python, and holds all that training needs to go on. Loading executes
// nothing.

/// Writes a fitted estimator, its scalers included; the file appears whole or not at all.
/// Throws NotFittedError, and FileError naming the path if it cannot be written (see
/// replace_file.hpp, and check_replaceable there before a long fit).
void save_model(const Estimator& estimator, const std::filesystem::path& path);
/// Reads what save_model wrote. Throws FileError if the file cannot be read, std::runtime_error
/// naming it for anything that is no model.
std::unique_ptr<Estimator> load_model(const std::filesystem::path& path);

/// What save_model writes, in memory. Throws NotFittedError.
std::string model_to_bytes(const Estimator& estimator);
/// Reads what model_to_bytes gave. `source` names the bytes in messages. Throws std::runtime_error
/// for anything that is no model.
std::unique_ptr<Estimator> model_from_bytes(std::string_view bytes,
                                            const std::string& source = "the model");

}  // namespace skarma
