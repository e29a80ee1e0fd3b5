#pragma once

#include <string_view>

#include <skarma/model_selection/parameter_grid.hpp>

namespace skarma {

/// Reads one parameter's values as a terminal user writes them, e.g. `alpha=logspace(-3,3,7)`:
///   NAME=V1,V2,...            values as Python writes them; words need no quotes
///   NAME=logspace(A,B,N)      N powers of ten from 10^A to 10^B, as numpy.logspace
///   NAME=linspace(A,B,N)      N numbers from A to B, as numpy.linspace
///   NAME=range(A,B[,STEP])    whole numbers from A up to, not including, B
///   NAME=(100,),(50,50)       tuples, for hidden_layer_sizes
/// Throws std::invalid_argument that says what is wrong and where.
std::pair<std::string, std::vector<ParamValue>> parse_grid_expression(std::string_view text);

}  // namespace skarma
