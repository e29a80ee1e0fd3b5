#pragma once

#include <algorithm>
#include <type_traits>
#include <utility>
#include <vector>

#include <skarma/core/base/matrix.hpp>

namespace skarma {

/// The same numbers, rounded to another type.
template <class To, class From>
requires(!std::is_same_v<To, From>) std::vector<To> converted(const std::vector<From>& values) {
  std::vector<To> result(values.size());
  std::transform(values.begin(), values.end(), result.begin(),
                 [](From v) { return static_cast<To>(v); });
  return result;
}
/// In the same type: moved, where they may be.
template <class T>
std::vector<T> converted(std::vector<T> values) {
  return values;
}

template <class To, class From>
requires(!std::is_same_v<To, From>) Matrix<To> converted(const Matrix<From>& m) {
  return {m.rows(), m.cols(), converted<To>(m.values())};
}
template <class T>
Matrix<T> converted(Matrix<T> m) {
  return m;
}

}  // namespace skarma
