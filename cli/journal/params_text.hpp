#pragma once

#include <string>

#include <skarma/estimators/params/param_value.hpp>

namespace skarma::cli {

/// A candidate's parameters as a journal has them: a JSON object. What JSON has no word for, such
/// as an infinity, is a text.
std::string params_as_json(const ParamSet& params);
/// Their values; anything else in the object is its text. Throws std::runtime_error for text that
/// is no JSON object.
ParamSet params_from_json(const std::string& text);

}  // namespace skarma::cli
