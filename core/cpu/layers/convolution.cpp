// A convolution is a dense layer over what is seen at each place. A few rows of places at a time,
// so that what they see stays in the cache, it is copied together (`unfold`), and the products of
// dense layers do the rest.
#include <algorithm>
#include <cstdint>

#include <skarma/core/cpu/layers/images.hpp>

namespace skarma {
namespace {

constexpr std::size_t kLine = 64;  // bytes

/// Numbers from what one place sees to what the next one does.
template <class T>
std::size_t padded_size(const Window& window) {
  return (window.size() * sizeof(T) + kLine - 1) / kLine * (kLine / sizeof(T));
}

/// What the places of some rows of a convolution's output see, a row each, from a cache line on.
template <class T>
class Unfolded {
 public:
  Unfolded(const Window& window, std::size_t n_rows)
      : window_(window),
        stride_(padded_size<T>(window)),
        data_(room(n_rows * window.output.width * stride_)) {}

  MatrixView<T> view(std::size_t n_rows) const {
    return {data_, n_rows * window_.output.width, window_.size(), stride_};
  }

  /// From an image, for the rows of places from number `first` on.
  void read(const T* image, std::size_t first, std::size_t n_rows) const {
    T* to = data_;
    for (std::size_t y = first; y < first + n_rows; ++y) {
      for (std::size_t x = 0; x < window_.output.width; ++x, to += stride_) {
        for_runs(y, x, [&](std::size_t part, std::size_t from, std::size_t n) {
          for (std::size_t k = 0; k < n; ++k) to[part + k] = image[from + k];
        });
      }
    }
  }

  /// Adds to an image what is here.
  void add_to(T* image, std::size_t first, std::size_t n_rows) const {
    const T* from = data_;
    for (std::size_t y = first; y < first + n_rows; ++y) {
      for (std::size_t x = 0; x < window_.output.width; ++x, from += stride_) {
        for_runs(y, x, [&](std::size_t part, std::size_t to, std::size_t n) {
          for (std::size_t k = 0; k < n; ++k) image[to + k] += from[part + k];
        });
      }
    }
  }

  /// Has zeros where windows see what is outside of the image.
  void clear(std::size_t n_rows) const {
    if (is_padded()) std::fill_n(data_, n_rows * window_.output.width * stride_, T(0));
  }

 private:
  bool is_padded() const {
    const Window& w = window_;
    return (w.output.height - 1) * w.row_stride + w.height > w.input.height + w.top ||
           (w.output.width - 1) * w.column_stride + w.width > w.input.width + w.left ||
           w.top + w.left > 0;
  }

  /// Calls use(part, place, n) for each row of a window: n values that lie side by side, in the
  /// window from number `part` on and in the image from number `place` on.
  template <class Use>
  void for_runs(std::size_t y, std::size_t x, const Use& use) const {
    const Window& w = window_;
    const std::size_t channels = w.input.channels, begin = x * w.column_stride;
    const std::size_t skipped = begin < w.left ? w.left - begin : 0;
    const std::size_t column = begin + skipped - w.left;
    const std::size_t n = std::min(w.width - skipped, w.input.width - column);
    for (std::size_t r = 0; r < w.height; ++r) {
      const std::size_t row = y * w.row_stride + r - w.top;  // wraps above the image
      if (row >= w.input.height) continue;
      use((r * w.width + skipped) * channels, (row * w.input.width + column) * channels,
          n * channels);
    }
  }

  static T* room(std::size_t size) {
    struct Windows {};
    T* const memory = image_room<T, Windows>(size + kLine / sizeof(T));
    const auto past_line = reinterpret_cast<std::uintptr_t>(memory) % kLine;
    return memory + (kLine - past_line) % kLine / sizeof(T);
  }

  const Window& window_;
  std::size_t stride_;
  T* data_;
};

/// As many rows of places as have some 128 KB of windows.
template <class T>
std::size_t rows_at_once(const Window& w) {
  constexpr std::size_t kResident = 131072;
  const std::size_t bytes = w.output.width * padded_size<T>(w) * sizeof(T);
  return std::clamp<std::size_t>(kResident / bytes, 1, w.output.height);
}

/// Some rows of places of one sample's image of the shape of the output.
template <class T>
MatrixView<T> places_of(const Window& w, T* image, std::size_t first, std::size_t n_rows) {
  const std::size_t channels = w.output.channels;
  return {image + first * w.output.width * channels, n_rows * w.output.width, channels};
}

/// Calls use(first, n) for all rows of places, some at a time.
template <class T, class Use>
void for_rows(const Window& w, const Use& use) {
  const std::size_t at_once = rows_at_once<T>(w);
  for (std::size_t first = 0; first < w.output.height; first += at_once) {
    use(first, std::min(at_once, w.output.height - first));
  }
}

/// Multiplications in the time that passing over an element takes: see run_in_parts.
std::size_t cost_of(const Window& w, std::size_t samples) {
  constexpr std::size_t kProducts = 32;
  return samples * w.output.size() * w.size() / kProducts;
}

/// The gradient of the weights is summed in so many parts, by the shape alone, so that its bits do
/// not depend on the threads.
std::size_t n_parts(const Window& w, std::size_t samples) {
  constexpr std::size_t kMost = 4, kLeast = 65536;
  return std::clamp<std::size_t>(cost_of(w, samples) / kLeast, 1, std::min(kMost, samples));
}

/// Adds the gradient of the weights by some samples to `sums`: W, then the biases.
template <class T>
void add_gradient(const PlanStep& step, const Pass<T>& pass, std::size_t begin, std::size_t end,
                  T* sums) {
  struct OneGradient {};
  const Window& w = pass.node(step).window;
  const std::size_t n_coefs = w.size() * w.output.channels, n = n_coefs + w.output.channels;
  const LayerPlace alone{w.size(), w.output.channels, 0, n_coefs};
  const Unfolded<T> unfolded(w, rows_at_once<T>(w));
  const auto x = input_rows(step, pass);
  const MatrixView<T> delta = pass.values(step.through());
  T* const gradient = image_room<T, OneGradient>(n);
  std::fill_n(sums, n, T(0));
  for (std::size_t i = begin; i < end; ++i) {
    for_rows<T>(w, [&](std::size_t first, std::size_t n_rows) {
      unfolded.clear(n_rows);
      unfolded.read(x.row(i), first, n_rows);
      const MatrixView<T> seen = unfolded.view(n_rows);
      dense_gradient<T>(alone, reading(seen), places_of(w, delta.row(i).data(), first, n_rows),
                        gradient, true);
      for (std::size_t k = 0; k < n; ++k) sums[k] += gradient[k];
    });
  }
}

/// The parts, added in their order, to their places in the gradient.
template <class T>
void weight_gradient(const PlanStep& step, const Pass<T>& pass) {
  struct Parts {};
  const Window& w = pass.node(step).window;
  const std::size_t n_coefs = w.size() * w.output.channels, n = n_coefs + w.output.channels;
  const std::size_t parts = n_parts(w, pass.rows);
  T* const sums = image_room<T, Parts>(parts * n);
  pass.team.run(parts, [&](std::size_t part) {
    add_gradient(step, pass, part_begin(part, pass.rows, parts),
                 part_begin(part + 1, pass.rows, parts), sums + part * n);
  });
  for (std::size_t part = 1; part < parts; ++part) {
    for (std::size_t k = 0; k < n; ++k) sums[k] += sums[part * n + k];
  }
  std::copy_n(sums, n_coefs, pass.gradient + step.layer.coef);
  std::copy_n(sums + n_coefs, n - n_coefs, pass.gradient + step.layer.intercept);
}

}  // namespace

template <class T>
void run_conv2d(const PlanStep& step, const Pass<T>& pass) {
  static constexpr Activation identity = *find_activation("identity");
  const Window& w = pass.node(step).window;
  const auto x = input_rows(step, pass);
  const MatrixView<T> z = pass.values(step.through());
  const Activation& joined = step.preactivation ? identity : *step.activation;
  run_in_parts(pass.team, pass.rows, cost_of(w, pass.rows),
               [&](std::size_t begin, std::size_t end) {
                 const Unfolded<T> unfolded(w, rows_at_once<T>(w));
                 for (std::size_t i = begin; i < end; ++i) {
                   for_rows<T>(w, [&](std::size_t first, std::size_t n_rows) {
                     unfolded.clear(n_rows);
                     unfolded.read(x.row(i), first, n_rows);
                     const MatrixView<T> seen = unfolded.view(n_rows);
                     dense_forward<T>(step.layer, joined, pass.parameters, reading(seen),
                                      places_of(w, z.row(i).data(), first, n_rows));
                   });
                 }
               });
  if (step.preactivation) activate<T>(*step.activation, z, pass.output(step), pass.team);
}

template <class T>
void run_conv2d_back(const PlanStep& step, const Pass<T>& pass) {
  static constexpr Activation identity = *find_activation("identity");
  join_derivative(step, pass);
  weight_gradient(step, pass);
  if (!step.input_delta) return;
  const Window& w = pass.node(step).window;
  const MatrixView<T> delta = pass.values(step.through());
  input_delta_by_sample<T>(step, pass, cost_of(w, pass.rows), [&](std::size_t i, T* derivative) {
    const Unfolded<T> unfolded(w, rows_at_once<T>(w));
    for_rows<T>(w, [&](std::size_t first, std::size_t n_rows) {
      const auto places = places_of(w, delta.row(i).data(), first, n_rows);
      dense_backward<T>(step.layer, identity, pass.parameters, places, unfolded.view(n_rows));
      unfolded.add_to(derivative, first, n_rows);
    });
  });
}

template void run_conv2d<float>(const PlanStep&, const Pass<float>&);
template void run_conv2d<double>(const PlanStep&, const Pass<double>&);
template void run_conv2d_back<float>(const PlanStep&, const Pass<float>&);
template void run_conv2d_back<double>(const PlanStep&, const Pass<double>&);

}  // namespace skarma
