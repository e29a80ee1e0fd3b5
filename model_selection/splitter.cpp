#include <skarma/model_selection/splitter.hpp>

#include <stdexcept>

#include <fmt/format.h>

namespace skarma {

Groups::Groups(const Target& labels)
    : codes_(labels.codes()), n_groups_(n_classes(labels.classes())) {}

std::vector<TrainTest> Splitter::split(std::size_t n_samples, const Target& y,
                                       const Groups& groups) const {
  if (!groups.empty() && groups.n_samples() != n_samples) {
    throw std::invalid_argument(
        fmt::format("There are {} groups for {} samples: groups has one entry for each sample.",
                    groups.n_samples(), n_samples));
  }
  return cut(n_samples, y, groups);
}

}  // namespace skarma
