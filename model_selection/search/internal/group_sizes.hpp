#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace skarma {

/// How many models the devices of a search are glad to train at once: what they say, and less for
/// one that has had no memory for so many.
class GroupSizes {
 public:
  /// For whoever is to have so many fits at most.
  explicit GroupSizes(std::size_t n_fits = 1) : n_fits_(n_fits) {}

  /// What a device has said.
  void set(std::string_view device, std::size_t most_models);

  /// 1 for a device that has not been asked.
  std::size_t of(std::string_view device) const;
  /// Of all devices, at least 1.
  std::size_t largest() const;
  /// From now on a device trains no more than `most` at once.
  void limit(std::string_view device, std::size_t most);

 private:
  std::size_t n_fits_;
  std::map<std::string, std::size_t, std::less<>> sizes_;
};

}  // namespace skarma
