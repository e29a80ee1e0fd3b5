#pragma once

#include <skarma/core/base/augmentation.hpp>
#include <skarma/core/net/node.hpp>

namespace skarma {

/// Where the pixel at (i, j) comes from: row row_by_i i + row_by_j j + row, and a column likewise.
struct AffineMap {
  double row_by_i = 1.0, row_by_j = 0.0, row = 0.0;
  double column_by_i = 0.0, column_by_j = 1.0, column = 0.0;
};

/// What is outside of an image.
struct Outside {
  FillMode mode;
  double value;
};

/// to = the image as the map sees it, between pixels bilinear. Both have shape.size() values and
/// do not overlap.
template <class T>
void resample(const T* from, T* to, const ImageShape& shape, const AffineMap& map,
              const Outside& outside);

}  // namespace skarma
