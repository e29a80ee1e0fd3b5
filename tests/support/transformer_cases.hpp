#pragma once

#include <string>
#include <variant>
#include <vector>

#include <skarma/core/base/sample_view.hpp>
#include <skarma/estimators/preprocessing/transformer_kinds.hpp>
#include <skarma/tests/support/golden.hpp>

namespace skarma::test {

/// Samples that own what they show: a matrix in its type, sparse if asked for.
template <class T>
SampleView owned_samples(const Matrix<double>& x, bool is_sparse) {
  if (!is_sparse) {
    Matrix<T> copy(x.rows(), x.cols());
    for (std::size_t i = 0; i < x.rows(); ++i) {
      for (std::size_t j = 0; j < x.cols(); ++j) copy(i, j) = static_cast<T>(x(i, j));
    }
    return SampleView::owning(std::move(copy));
  }
  CsrMatrix<T> copy;
  copy.cols = x.cols();
  for (std::size_t i = 0; i < x.rows(); ++i) {
    for (std::size_t j = 0; j < x.cols(); ++j) {
      if (x(i, j) == 0.0) continue;
      copy.columns.push_back(static_cast<std::int32_t>(j));
      copy.values.push_back(static_cast<T>(x(i, j)));
    }
    copy.end_row();
  }
  return SampleView::owning(std::move(copy));
}

/// The transformer of a case of a golden file, with its parameters.
inline std::unique_ptr<Transformer> transformer_of(const Json& one) {
  auto transformer = make_transformer(one.at("class").get<std::string>());
  for (const auto& [name, value] : one.at("params").items()) {
    ParamValue own;
    if (value.is_boolean()) own = value.get<bool>();
    if (value.is_number_integer()) own = value.get<std::int64_t>();
    if (value.is_number_float()) own = value.get<double>();
    if (value.is_string()) own = value.get<std::string>();
    transformer->set(name, own);
  }
  return transformer;
}

}  // namespace skarma::test
