#pragma once

#include <string>
#include <vector>

#include <skarma/model_selection/parameter_grid.hpp>

namespace skarma::cli {

/// Reads grids from JSON: an object {"alpha": [0.1, 1], "hidden_layer_sizes": [[100], [50, 50]]},
/// or a list of such objects, which are tried one after another. The values of a parameter are a
/// list, or text as --grid takes it: {"alpha": "logspace(-3,3,7)"}.
/// Throws DataError naming the file, and the parameter or the place of the mistake.
std::vector<ParamGrid> read_grid_file(const std::string& path);

/// The same for the text of a file; `path` is what errors call it.
std::vector<ParamGrid> parse_grid_json(const std::string& path, const std::string& text);

}  // namespace skarma::cli
