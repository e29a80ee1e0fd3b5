#include <skarma/gpu/device/host_products.hpp>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <type_traits>
#include <utility>

#include <skarma/gpu/block/functions.hpp>

namespace skarma::gpu {
namespace {

/// To the nearest number with 10 bits of mantissa, to the even one of two.
float rounded_to_tf32(float x) {
  constexpr std::uint32_t kLost = 13;
  auto bits = std::bit_cast<std::uint32_t>(x);
  if ((bits & 0x7f800000u) == 0x7f800000u) return x;  // infinity and NaN
  bits += (1u << (kLost - 1)) - 1 + (bits >> kLost & 1u);
  return std::bit_cast<float>(bits & ~((1u << kLost) - 1));
}

/// The products of one model.
template <class T>
class HostProduct {
 public:
  HostProduct(const Products<T>& products, std::size_t model)
      : p_(products),
        model_(model),
        c_(p_.c.data + model * p_.c.model_step),
        vector_(p_.epilogue.vector + model * p_.epilogue.vector_step),
        kept_(p_.epilogue.kept + model * p_.epilogue.kept_step) {}

  void compute() {
    for (std::size_t row = 0; row < p_.rows; ++row) sum_up(row);
    if (p_.epilogue.kind == EpilogueKind::column_sums) return sum_columns();
    if (p_.epilogue.kind == EpilogueKind::none) return;
    for (std::size_t row = 0; row < p_.rows; ++row) {
      for (std::size_t j = 0; j < p_.columns; ++j) finish(row, j, c_[row * p_.c.row_step + j]);
    }
  }

 private:
  void sum_up(std::size_t row) {
    T* const sums = c_ + row * p_.c.row_step;
    if (!p_.adds) std::fill_n(sums, p_.columns, T(0));
    for (std::size_t k = 0; k < p_.depth; ++k) {
      const T factor = element(p_.a, row, k);
      for (std::size_t j = 0; j < p_.columns; ++j) sums[j] += factor * element(p_.b, k, j);
    }
  }

  T element(const ModelMatrices<const T>& matrix, std::size_t row, std::size_t column) const {
    if (matrix.transposed) std::swap(row, column);
    const T x = matrix.data[model_ * matrix.model_step + row * matrix.row_step + column];
    if constexpr (std::is_same_v<T, float>) return p_.tf32 ? rounded_to_tf32(x) : x;
    return x;
  }

  void sum_columns() {
    std::fill_n(vector_, p_.columns, T(0));
    for (std::size_t k = 0; k < p_.depth; ++k) {
      for (std::size_t j = 0; j < p_.columns; ++j) {
        vector_[j] += p_.b.data[model_ * p_.b.model_step + k * p_.b.row_step + j];
      }
    }
  }

  void finish(std::size_t row, std::size_t column, T& c) {
    switch (p_.epilogue.kind) {
      case EpilogueKind::bias:
        c += vector_[column];
        break;
      case EpilogueKind::relu:
        c = activated(kRelu, c + vector_[column]);
        if (p_.epilogue.kept != nullptr) keep_bit(row, column, c > 0);
        break;
      case EpilogueKind::gelu_tanh:
        c += vector_[column];
        number(row, column) = c;
        c = activated(kGeluTanh, c);
        break;
      case EpilogueKind::relu_slope:
        if (!bit(row, column)) c = 0;
        break;
      case EpilogueKind::gelu_tanh_slope:
        c *= slope(kGeluTanh, number(row, column));
        break;
      case EpilogueKind::none:
      case EpilogueKind::column_sums:
        break;
    }
  }

  std::size_t place(bool is_relu, std::size_t row, std::size_t column) const {
    return row * kept_row_step(is_relu, p_.columns) + column;
  }
  T& number(std::size_t row, std::size_t column) {
    return reinterpret_cast<T*>(kept_)[place(false, row, column)];
  }
  bool bit(std::size_t row, std::size_t column) const {
    const std::size_t i = place(true, row, column);
    return (kept_[i / 8] >> (i % 8) & std::byte{1}) != std::byte{0};
  }
  void keep_bit(std::size_t row, std::size_t column, bool value) {
    const std::size_t i = place(true, row, column);
    const std::byte mask = std::byte{1} << (i % 8);
    kept_[i / 8] = value ? kept_[i / 8] | mask : kept_[i / 8] & ~mask;
  }

  const Products<T>& p_;
  std::size_t model_;
  T* c_;
  T* vector_;
  std::byte* kept_;
};

}  // namespace

template <class T>
void multiply_on_host(const Products<T>& products) {
  for (std::size_t model = 0; model < products.n; ++model) {
    HostProduct<T>(products, model).compute();
  }
}

template void multiply_on_host(const Products<float>&);
template void multiply_on_host(const Products<double>&);

}  // namespace skarma::gpu
