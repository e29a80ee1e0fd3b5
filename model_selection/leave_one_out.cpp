#include <skarma/model_selection/leave_one_out.hpp>

#include <stdexcept>

#include <fmt/format.h>

namespace skarma {

Splits LeaveOneOut::cut(std::size_t n_samples, const Target&, const Groups&) const {
  if (n_samples < 2) {
    throw std::invalid_argument(
        fmt::format("Cannot perform LeaveOneOut with n_samples={}.", n_samples));
  }
  Splits splits(n_samples);
  for (std::size_t row = 0; row < n_samples; ++row) splits.add_test({static_cast<RowIndex>(row)});
  return splits;
}

}  // namespace skarma
