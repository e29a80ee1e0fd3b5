#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <skarma/estimators/params/parameter_table.hpp>

namespace skarma::cli {

/// The parameters of both MLPs, each name once: the rows that become flags.
std::vector<ParameterInfo> all_parameters();
/// "--max-iter" for "max_iter".
std::string flag_name(std::string_view parameter);

}  // namespace skarma::cli
