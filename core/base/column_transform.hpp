#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace skarma {

/// One affine map per column, applied with the two roundings of scikit-learn's scalers:
/// standardise: (x - offset) / scale; rescale: x * scale + offset, then clipped if asked for.
/// `offset` and `scale` are cast to the data's own type first (scikit-learn does the same).
struct ColumnTransform {
  enum class Kind { standardise, rescale };

  Kind kind = Kind::standardise;
  std::vector<double> offset;
  std::vector<double> scale;
  std::optional<std::pair<double, double>> clip;

  std::size_t n_columns() const { return scale.size(); }
};

}  // namespace skarma
