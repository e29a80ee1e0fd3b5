#pragma once

#include <string>

namespace skarma::cli {

/// " Did you mean 'train.csv'?" or nothing: the end of a message about a file that is not there,
/// by the names in its folder.
std::string did_you_mean_file(const std::string& path);

}  // namespace skarma::cli
