#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include <skarma/core/base/matrix_view.hpp>

namespace skarma {

/// Memory for matrices whose rows begin at cache lines, so that no vector of a row lies in two.
/// Nothing is written at first; what is between the rows belongs to whoever writes them, and means
/// nothing.
template <class T>
class PaddedRows {
 public:
  /// For up to `rows` rows of up to `cols` columns.
  PaddedRows(std::size_t rows, std::size_t cols)
      : memory_(std::make_unique_for_overwrite<T[]>(rows * stride(cols) + kLine)) {}

  MatrixView<T> view(std::size_t rows, std::size_t cols) {
    const auto past_line = reinterpret_cast<std::uintptr_t>(memory_.get()) % kLineBytes;
    return {memory_.get() + (kLineBytes - past_line) % kLineBytes / sizeof(T), rows, cols,
            stride(cols)};
  }

 private:
  static constexpr std::size_t kLineBytes = 64, kLine = kLineBytes / sizeof(T);

  static std::size_t stride(std::size_t cols) { return (cols + kLine - 1) / kLine * kLine; }

  std::unique_ptr<T[]> memory_;
};

}  // namespace skarma
