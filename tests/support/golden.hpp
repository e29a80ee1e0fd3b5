#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <skarma/core/base/matrix.hpp>

namespace skarma::test {

using Json = nlohmann::json;

/// The golden file tests/golden/<name>.json, read once.
const Json& golden(const std::string& name);

/// The case of a golden file with this name.
const Json& golden_case(const std::string& file, const std::string& name);
/// The names of all cases of a golden file, in its order.
std::vector<std::string> golden_case_names(const std::string& file);

/// A number; "nan", "inf" and "-inf" are spelt out.
double number(const Json& value);
/// All numbers of nested arrays in order.
std::vector<double> numbers(const Json& nested);
std::vector<int> ints(const Json& array);
/// An array of rows, or of single numbers as one column.
Matrix<double> matrix(const Json& rows);
Matrix<float> rounded_to_float(const Matrix<double>& m);

}  // namespace skarma::test
