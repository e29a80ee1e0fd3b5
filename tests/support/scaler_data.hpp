#pragma once

#include <vector>

#include <skarma/core/base/sample_view.hpp>
#include <skarma/tests/support/golden.hpp>

namespace skarma::test {

/// The matrix of a case of scalers.json, in its type.
struct ScalerData {
  explicit ScalerData(const Json& one) : is_float(one.at("dtype") == "float32"), x(120, 30) {
    const auto whole = matrix(golden("data_breast_cancer").at("X"));
    for (std::size_t i = 0; i < 120; ++i) {
      for (std::size_t j = 0; j < 30; ++j) x(i, j) = j == 3 ? 0.1 : whole(i, j);
    }
    narrow = rounded_to_float(x);
  }

  SampleView all() const { return is_float ? SampleView(narrow) : SampleView(x); }
  SampleView first_three() const { return all().rows(three); }

  bool is_float;
  Matrix<double> x;
  Matrix<float> narrow;
  std::vector<RowIndex> three{0, 1, 2};
};

}  // namespace skarma::test
