#pragma once

#include <compare>
#include <cstddef>
#include <map>
#include <memory>

#include <skarma/core/base/sample_view.hpp>
#include <skarma/gpu/block/samples.hpp>
#include <skarma/gpu/device/device_memory.hpp>

namespace skarma::gpu {

/// A stored matrix on a device.
struct StoredMatrix {
  DeviceMemory memory;
  BlockSamples samples;  // all rows, without maps
};

/// The stored matrices of a device: views of one matrix share it.
class StoredMatrices {
 public:
  explicit StoredMatrices(Device& device) : device_(device) {}
  /// Throws OutOfMemory.
  std::shared_ptr<const StoredMatrix> find(const SampleView& view);

 private:
  /// By the memory that the matrix lies in.
  struct Key {
    const void* values;
    const void* row_starts;
    std::size_t rows, columns, row_stride;
    bool is_float32;
    auto operator<=>(const Key&) const = default;
  };
  static Key key_of(const SampleView& view);

  Device& device_;
  std::map<Key, std::weak_ptr<const StoredMatrix>> matrices_;
};

/// Samples that an engine holds: on the device if there is room for them.
class HeldSamples {
 public:
  HeldSamples(Device& device, StoredMatrices& matrices, const SampleView& view);

  const SampleView& view() const { return view_; }
  /// Null where a block cannot read them so for a model of type T: then somebody gathers them here.
  template <class T>
  const BlockSamples* on_device() const;

 private:
  void upload_rest(Device& device);

  SampleView view_;
  std::shared_ptr<const StoredMatrix> matrix_;
  DeviceMemory rest_;  // rows and maps
  BlockSamples samples_{};
};

/// Bytes of samples that go to the device at once where it does not hold them.
std::size_t streamed_bytes(const Device& device);

/// Dense rows of the type of the model that lie at `values`.
template <class T>
BlockSamples plain_rows(const T* values, std::size_t n_features);

}  // namespace skarma::gpu
