#include <skarma/model_selection/search/internal/group_sizes.hpp>

#include <algorithm>

namespace skarma {

void GroupSizes::set(std::string_view device, std::size_t most_models) {
  sizes_.insert_or_assign(std::string(device), std::min(most_models, n_fits_));
}

std::size_t GroupSizes::of(std::string_view device) const {
  const auto size = sizes_.find(device);
  return size == sizes_.end() ? 1 : size->second;
}

std::size_t GroupSizes::largest() const {
  std::size_t largest = 1;
  for (const auto& [device, size] : sizes_) largest = std::max(largest, size);
  return largest;
}

void GroupSizes::limit(std::string_view device, std::size_t most) {
  const auto size = sizes_.find(device);
  if (size != sizes_.end()) size->second = std::min(size->second, most);
}

}  // namespace skarma
