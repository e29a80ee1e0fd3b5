#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include <skarma/estimators/holdout.hpp>
#include <skarma/estimators/params/param_value.hpp>

namespace skarma::cli {

/// Throws std::invalid_argument if a flag's value is none of its words, naming the nearest.
void check_choice(std::string_view flag, std::string_view typed,
                  std::initializer_list<std::string_view> words);

/// A part of the samples: a fraction such as 0.25, or a count such as 100. Throws
/// std::invalid_argument, naming `what`, for anything else.
PartSize read_part_size(std::string_view what, const ParamValue& value);

/// The names that --scoring takes: "accuracy, average_precision, ..."
std::string scoring_names();

}  // namespace skarma::cli
