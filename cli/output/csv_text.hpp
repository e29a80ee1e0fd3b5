#pragma once

#include <string>
#include <string_view>

namespace skarma::cli {

/// A cell as it is written to a CSV file: in quotes where RFC 4180 asks for them.
std::string csv_cell(std::string_view text);

}  // namespace skarma::cli
