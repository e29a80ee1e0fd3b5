#pragma once

#include <cstddef>

#include <skarma/gpu/block/training.hpp>

namespace skarma::gpu {

/// Where things lie in the memory of a block, in bytes from its start.
struct BlockLayout {
  std::size_t partial, row_losses, x, buffers, unit_numbers;
  std::size_t gradient, parameters, moments;  // where a block trains
  std::size_t bytes;                          // of all
  Count max_rows;
};

/// What is placed apart in a device's memory begins at a multiple of so many bytes, which is all
/// that any product asks for.
inline constexpr std::size_t kAlignment = 256;
inline std::size_t padded(std::size_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

/// Counts the bytes of one array after another.
class Places {
 public:
  template <class T>
  std::size_t place(std::size_t n) {
    align(alignof(T));
    const std::size_t begin = end_;
    end_ = begin + n * sizeof(T);
    return begin;
  }
  void align(std::size_t bytes) { end_ = (end_ + bytes - 1) / bytes * bytes; }
  std::size_t end() const { return end_; }

 private:
  std::size_t end_ = 0;
};

/// What else lies there beside the rows' values: a gradient, a copy of the parameters and of
/// `n_moments` moments.
struct BlockExtras {
  bool gradient = false;
  bool state = false;
  Count n_moments = 0;
};

/// What a block needs for so many rows at once.
template <class T>
BlockLayout layout_for(const BlockNet& net, Count max_rows, const BlockExtras& extras) {
  Places places;
  BlockLayout layout{};
  layout.max_rows = max_rows;
  layout.partial = places.place<double>(kPartialSums);
  layout.row_losses = places.place<double>(max_rows);
  layout.x = places.place<T>(std::size_t{net.n_inputs} * max_rows);
  layout.buffers = places.place<T>(std::size_t{net.row_width} * max_rows);
  layout.unit_numbers = places.place<T>(net.n_unit_numbers);
  layout.gradient = places.place<T>(extras.gradient ? net.n_trained : 0);
  layout.parameters = places.place<T>(extras.state ? net.n_parameters : 0);
  layout.moments = places.place<T>(extras.state ? extras.n_moments : 0);
  layout.bytes = places.end();
  return layout;
}

/// Rows that a block takes at once where memory is no matter.
inline constexpr Count kRowsAtOnce = 512;
/// Fewer are not worth a block's time.
inline constexpr Count kFewestRowsAtOnce = 32;

/// The layout for batches of so many rows in `memory` bytes: as many rows at once as there is room
/// for. Its max_rows is 0 where there is not room for enough of them.
template <class T>
BlockLayout layout_within(const BlockNet& net, Count batch, const BlockExtras& extras,
                          std::size_t memory) {
  Count rows = batch < kRowsAtOnce || net.needs_whole_batches ? batch : kRowsAtOnce;
  const Count fewest =
      net.needs_whole_batches || rows < kFewestRowsAtOnce ? rows : kFewestRowsAtOnce;
  for (;;) {
    const BlockLayout layout = layout_for<T>(net, rows, extras);
    if (layout.bytes <= memory) return layout;
    if (rows == fewest) return {};
    rows = rows - kFewestRowsAtOnce > fewest ? rows - kFewestRowsAtOnce : fewest;
  }
}

template <class T>
SKARMA_PORTABLE T* at(std::byte* memory, std::size_t place) {
  return reinterpret_cast<T*>(memory + place);
}

template <class T>
SKARMA_PORTABLE BlockRoom<T> room_of(const BlockLayout& layout, std::byte* memory) {
  return {.partial = at<double>(memory, layout.partial),
          .row_losses = at<double>(memory, layout.row_losses),
          .x = at<T>(memory, layout.x),
          .buffers = at<T>(memory, layout.buffers),
          .unit_numbers = at<T>(memory, layout.unit_numbers),
          .max_rows = layout.max_rows};
}

}  // namespace skarma::gpu
