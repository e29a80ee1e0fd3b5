#include <skarma/model_selection/leave_one_out.hpp>

#include <numeric>
#include <stdexcept>

#include <fmt/format.h>

namespace skarma {

std::vector<TrainTest> LeaveOneOut::cut(std::size_t n_samples, const Target&, const Groups&) const {
  if (n_samples < 2) {
    throw std::invalid_argument(
        fmt::format("Cannot perform LeaveOneOut with n_samples={}.", n_samples));
  }
  std::vector<RowIndex> all(n_samples);
  std::iota(all.begin(), all.end(), RowIndex{0});
  std::vector<TrainTest> splits;
  for (const RowIndex row : all) {
    std::vector<RowIndex> others = all;
    others.erase(others.begin() + row);
    splits.push_back({std::move(others), {row}});
  }
  return splits;
}

}  // namespace skarma
