#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include <skarma/core/base/internal/check.hpp>
#include <skarma/gpu/block/layout.hpp>
#include <skarma/gpu/device/device_memory.hpp>

namespace skarma::gpu {

/// An array in an Image.
template <class T>
struct Place {
  std::size_t begin = 0;
  std::size_t n = 0;
};

/// Arrays that go to the device in one piece: first all are given places, then there is memory for
/// them there, whose addresses those that point to each other can hold, then they are copied.
class Image {
 public:
  template <class T>
  Place<T> add(std::span<const T> values) {
    const Place<T> place = make_room<T>(values.size());
    if (!values.empty())
      std::memcpy(bytes_.data() + place.begin, values.data(), values.size_bytes());
    return place;
  }
  template <class T>
  Place<T> add(const std::vector<T>& values) {
    return add(std::span<const T>(values));
  }
  template <class T>
  Place<T> make_room(std::size_t n) {
    static_assert(std::is_trivially_copyable_v<T>);
    const std::size_t begin = places_.place<T>(n);
    bytes_.resize(places_.end());
    return {begin, n};
  }

  /// What comes next begins at a multiple of so many bytes.
  void align(std::size_t bytes) {
    places_.align(bytes);
    bytes_.resize(places_.end());
  }

  std::size_t size() const { return bytes_.size(); }
  /// Where the memory for it begins. Everything has its place by now.
  void lies_at(std::byte* memory) { memory_ = memory; }
  /// On the device.
  template <class T>
  T* address(Place<T> place) const {
    SKARMA_CHECK(memory_ != nullptr);
    return place.n == 0 ? nullptr : at<T>(memory_, place.begin);
  }
  template <class T>
  void put(Place<T> place, std::size_t i, const T& value) {
    std::memcpy(bytes_.data() + place.begin + i * sizeof(T), &value, sizeof(T));
  }

  /// All of it.
  void download(Device& device) { device.download(bytes_.data(), memory_, bytes_.size()); }
  template <class T>
  std::span<const T> here(Place<T> place) const {
    return {reinterpret_cast<const T*>(bytes_.data() + place.begin), place.n};
  }
  void upload(Device& device) const { device.upload(memory_, bytes_.data(), bytes_.size()); }
  template <class T>
  std::vector<T> download(Device& device, Place<T> place) const {
    std::vector<T> values(place.n);
    device.download(values.data(), address(place), place.n * sizeof(T));
    return values;
  }

 private:
  Places places_;
  std::vector<std::byte> bytes_;
  std::byte* memory_ = nullptr;
};

}  // namespace skarma::gpu
