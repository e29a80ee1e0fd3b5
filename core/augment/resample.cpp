#include <skarma/core/augment/resample.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace skarma {
namespace {

using Index = std::ptrdiff_t;

/// The place in 0 ... n - 1 that is seen at i; -1: none.
Index seen_at(Index i, Index n, FillMode mode) {
  if (i >= 0 && i < n) return i;
  switch (mode) {
    case FillMode::constant:
      return -1;
    case FillMode::nearest:
      return std::clamp<Index>(i, 0, n - 1);
    case FillMode::reflect: {
      const Index in_period = ((i % (2 * n)) + 2 * n) % (2 * n);
      return std::min(in_period, 2 * n - 1 - in_period);
    }
    case FillMode::wrap:
      return ((i % n) + n) % n;
  }
  return -1;
}

/// An image that reaches as far as anybody looks.
template <class T>
struct Unbounded {
  const T* image;
  Index height, width, channels;
  FillMode mode;

  /// The channels of a pixel; null: those of the constant.
  const T* pixel(Index row, Index column) const {
    const Index y = seen_at(row, height, mode), x = seen_at(column, width, mode);
    return y < 0 || x < 0 ? nullptr : image + (y * width + x) * channels;
  }
};

}  // namespace

template <class T>
void resample(const T* from, T* to, const ImageShape& shape, const AffineMap& map,
              const Outside& outside) {
  const Unbounded<T> image{from, static_cast<Index>(shape.height), static_cast<Index>(shape.width),
                           static_cast<Index>(shape.channels), outside.mode};
  for (std::size_t i = 0; i < shape.height; ++i) {
    for (std::size_t j = 0; j < shape.width; ++j, to += shape.channels) {
      const auto di = static_cast<double>(i), dj = static_cast<double>(j);
      const double y = map.row_by_i * di + map.row_by_j * dj + map.row;
      const double x = map.column_by_i * di + map.column_by_j * dj + map.column;
      const double top = std::floor(y), left = std::floor(x);
      const double below = y - top, right = x - left;  // the weights of those pixels
      const auto row = static_cast<Index>(top), column = static_cast<Index>(left);
      const std::array pixels{image.pixel(row, column), image.pixel(row, column + 1),
                              image.pixel(row + 1, column), image.pixel(row + 1, column + 1)};
      const std::array weights{(1.0 - below) * (1.0 - right), (1.0 - below) * right,
                               below * (1.0 - right), below * right};
      for (std::size_t c = 0; c < shape.channels; ++c) {
        double value = 0.0;
        for (std::size_t k = 0; k < pixels.size(); ++k) {
          value += weights[k] *
                   (pixels[k] == nullptr ? outside.value : static_cast<double>(pixels[k][c]));
        }
        to[c] = static_cast<T>(value);
      }
    }
  }
}

template void resample<float>(const float*, float*, const ImageShape&, const AffineMap&,
                              const Outside&);
template void resample<double>(const double*, double*, const ImageShape&, const AffineMap&,
                               const Outside&);

}  // namespace skarma
