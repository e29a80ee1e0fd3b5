#pragma once

#include <skarma/model_selection/cv_results.hpp>

namespace skarma {

/// Appends param_<name> for each parameter of the rows, in the order in which they first appear;
/// rows without it have none.
void add_param_columns(CvResults& table);

}  // namespace skarma
