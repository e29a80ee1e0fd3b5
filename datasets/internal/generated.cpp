#include <skarma/datasets/internal/generated.hpp>

#include <random>
#include <stdexcept>

#include <fmt/format.h>

namespace skarma {

RandomState generator_of(const std::optional<std::uint32_t>& random_state) {
  return RandomState(random_state ? *random_state
                                  : static_cast<std::uint32_t>(std::random_device{}()));
}

double place_before(double end, std::size_t i, std::size_t n) {
  return static_cast<double>(i) * (end / static_cast<double>(n));
}

std::vector<std::string> numbered_features(std::size_t n) {
  std::vector<std::string> names;
  for (std::size_t j = 1; j <= n; ++j) names.push_back(fmt::format("x{}", j));
  return names;
}

Matrix<double> normal_matrix(RandomState& random, std::size_t rows, std::size_t cols) {
  Matrix<double> result(rows, cols);
  for (std::size_t i = 0; i < rows; ++i) {
    for (double& v : result.row(i)) v = random.gauss();
  }
  return result;
}

Matrix<double> uniform_matrix(RandomState& random, double low, double high, std::size_t rows,
                              std::size_t cols) {
  Matrix<double> result(rows, cols);
  for (std::size_t i = 0; i < rows; ++i) {
    for (double& v : result.row(i)) v = random.uniform(low, high);
  }
  return result;
}

Matrix<double> small_product(const Matrix<double>& a, const Matrix<double>& b) {
  Matrix<double> result(a.rows(), b.cols());
  for (std::size_t i = 0; i < a.rows(); ++i) {
    for (std::size_t m = 0; m < a.cols(); ++m) {
      for (std::size_t j = 0; j < b.cols(); ++j) result(i, j) += a(i, m) * b(m, j);
    }
  }
  return result;
}

Matrix<double> reordered_rows(const Matrix<double>& x, std::span<const RowIndex> order) {
  Matrix<double> result(order.size(), x.cols());
  for (std::size_t i = 0; i < order.size(); ++i) {
    for (std::size_t j = 0; j < x.cols(); ++j) result(i, j) = x(order[i], j);
  }
  return result;
}

Matrix<double> reordered_columns(const Matrix<double>& x, std::span<const RowIndex> order) {
  Matrix<double> result(x.rows(), order.size());
  for (std::size_t i = 0; i < x.rows(); ++i) {
    for (std::size_t j = 0; j < order.size(); ++j) result(i, j) = x(i, order[j]);
  }
  return result;
}

void require_option(bool holds, std::string_view generator, std::string_view what) {
  if (!holds) throw std::invalid_argument(fmt::format("{}: {}.", generator, what));
}

}  // namespace skarma
