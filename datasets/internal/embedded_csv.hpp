#pragma once

#include <string_view>

namespace skarma::internal {

// The text of data/*.csv: a header, then one line a sample with its target last. The definitions
// are generated when CMake configures (see datasets/CMakeLists.txt).
extern const std::string_view breast_cancer_csv;
extern const std::string_view diabetes_csv;
extern const std::string_view digits_csv;
extern const std::string_view iris_csv;
extern const std::string_view wine_csv;

}  // namespace skarma::internal
