#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <skarma/core/base/matrix.hpp>
#include <skarma/core/base/random_state.hpp>

namespace skarma {

/// Seeded, or another stream each time.
RandomState generator_of(const std::optional<std::uint32_t>& random_state);

/// numpy.linspace(0, end, n, endpoint=False)[i]
double place_before(double end, std::size_t i, std::size_t n);

/// "x1", "x2" ...
std::vector<std::string> numbered_features(std::size_t n);

/// In row-major order, as standard_normal(size=(rows, cols)) and uniform(low, high, size=...).
Matrix<double> normal_matrix(RandomState& random, std::size_t rows, std::size_t cols);
Matrix<double> uniform_matrix(RandomState& random, double low, double high, std::size_t rows,
                              std::size_t cols);

/// a b
Matrix<double> small_product(const Matrix<double>& a, const Matrix<double>& b);

/// Rows, or columns, of x in another order.
Matrix<double> reordered_rows(const Matrix<double>& x, std::span<const RowIndex> order);
Matrix<double> reordered_columns(const Matrix<double>& x, std::span<const RowIndex> order);
template <class T>
std::vector<T> reordered(const std::vector<T>& items, std::span<const RowIndex> order) {
  std::vector<T> result;
  for (const RowIndex i : order) result.push_back(items[i]);
  return result;
}

/// Throws std::invalid_argument: "make_blobs: `what`."
void require_option(bool holds, std::string_view generator, std::string_view what);

}  // namespace skarma
