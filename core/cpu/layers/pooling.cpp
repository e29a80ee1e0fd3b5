// Pools see each channel for itself: loops over channels lie innermost.
#include <algorithm>
#include <cmath>
#include <utility>

#include <skarma/core/cpu/layers/images.hpp>

namespace skarma {
namespace {

/// Calls use(sample, y, x) for all places of the output of some samples.
template <class Use>
void for_places(const Window& w, std::size_t begin, std::size_t end, const Use& use) {
  for (std::size_t i = begin; i < end; ++i) {
    for (std::size_t y = 0; y < w.output.height; ++y) {
      for (std::size_t x = 0; x < w.output.width; ++x) use(i, y, x);
    }
  }
}

/// The number of a place's first value.
std::size_t place(const Window& w, std::size_t y, std::size_t x) {
  return (y * w.output.width + x) * w.output.channels;
}

std::size_t cost_of_pool(const Window& w, std::size_t samples) {
  return samples * w.output.size() * w.height * w.width;
}

/// Calls pool(window, y, x, image, values) for all places, where `values` are those of the output.
template <class T, class Pool>
void pool_images(const PlanStep& step, const Pass<T>& pass, const Pool& pool) {
  const Window& w = pass.node(step).window;
  const auto x = input_rows(step, pass);
  const MatrixView<T> to = pass.output(step);
  run_in_parts(pass.team, pass.rows, cost_of_pool(w, pass.rows),
               [&](std::size_t begin, std::size_t end) {
                 for_places(w, begin, end, [&](std::size_t i, std::size_t row, std::size_t column) {
                   pool(w, row, column, x.row(i), to.row(i).data() + place(w, row, column));
                 });
               });
}

/// Calls share(window, y, x, sample, derivative, delta) for all places, where `delta` are the
/// derivatives by the output there, and those by the image are to be added to `derivative`.
template <class T, class Share>
void share_delta(const PlanStep& step, const Pass<T>& pass, const Share& share) {
  if (!step.input_delta) return;
  const Window& w = pass.node(step).window;
  const MatrixView<T> delta = pass.values(*step.delta);
  input_delta_by_sample<T>(
      step, pass, cost_of_pool(w, pass.rows), [&](std::size_t sample, T* derivative) {
        for_places(w, sample, sample + 1, [&](std::size_t i, std::size_t y, std::size_t x) {
          share(w, y, x, i, derivative, delta.row(i).data() + place(w, y, x));
        });
      });
}

std::size_t n_seen(const Window& w, std::size_t y, std::size_t x) {
  std::size_t n = 0;
  for_seen(w, y, x, [&](std::size_t) { ++n; });
  return n;
}

/// Of each channel; a NaN, if there is one.
template <class T>
void find_largest(const Window& w, std::size_t y, std::size_t x, const T* image, T* largest) {
  const std::size_t channels = w.input.channels;
  bool is_first = true;
  for_seen(w, y, x, [&](std::size_t place) {
    const T* const seen = image + place;
    if (std::exchange(is_first, false)) {
      std::copy_n(seen, channels, largest);
      return;
    }
    for (std::size_t k = 0; k < channels; ++k) {
      const T v = seen[k];
      largest[k] = ((v > largest[k]) | std::isnan(v)) ? v : largest[k];
    }
  });
}

}  // namespace

template <class T>
void run_max_pool(const PlanStep& step, const Pass<T>& pass) {
  pool_images(step, pass, find_largest<T>);
}

/// The derivative goes to the largest, of equal ones to the first.
template <class T>
void run_max_pool_back(const PlanStep& step, const Pass<T>& pass) {
  struct Numbers {};
  if (!step.input_delta) return;
  // A sample's derivative takes the place of what is read here only when it is complete.
  const MatrixView<T> images = pass.input(step);
  share_delta(step, pass,
              [&](const Window& w, std::size_t y, std::size_t x, std::size_t i, T* derivative,
                  const T* delta) {
                const std::size_t channels = w.input.channels;
                const T* const image = images.row(i).data();
                T* const remaining = image_room<T, Numbers>(2 * channels);
                T* const largest = remaining + channels;
                std::copy_n(delta, channels, remaining);
                find_largest(w, y, x, image, largest);
                for_seen(w, y, x, [&](std::size_t place) {
                  for (std::size_t k = 0; k < channels; ++k) {
                    const T v = image[place + k];
                    const bool is_largest = (v == largest[k]) | std::isnan(v);
                    derivative[place + k] += is_largest ? remaining[k] : T(0);
                    remaining[k] = is_largest ? T(0) : remaining[k];
                  }
                });
              });
}

template <class T>
void run_average_pool(const PlanStep& step, const Pass<T>& pass) {
  pool_images(step, pass,
              [](const Window& w, std::size_t y, std::size_t x, const T* image, T* mean) {
                const std::size_t channels = w.input.channels;
                std::fill_n(mean, channels, T(0));
                for_seen(w, y, x, [&](std::size_t from) {
                  for (std::size_t k = 0; k < channels; ++k) mean[k] += image[from + k];
                });
                const T n = static_cast<T>(n_seen(w, y, x));
                for (std::size_t k = 0; k < channels; ++k) mean[k] /= n;
              });
}

template <class T>
void run_average_pool_back(const PlanStep& step, const Pass<T>& pass) {
  share_delta(step, pass,
              [](const Window& w, std::size_t y, std::size_t x, std::size_t, T* derivative,
                 const T* delta) {
                const T n = static_cast<T>(n_seen(w, y, x));
                for_seen(w, y, x, [&](std::size_t to) {
                  for (std::size_t k = 0; k < w.input.channels; ++k) {
                    derivative[to + k] += delta[k] / n;
                  }
                });
              });
}

template void run_max_pool<float>(const PlanStep&, const Pass<float>&);
template void run_max_pool<double>(const PlanStep&, const Pass<double>&);
template void run_max_pool_back<float>(const PlanStep&, const Pass<float>&);
template void run_max_pool_back<double>(const PlanStep&, const Pass<double>&);
template void run_average_pool<float>(const PlanStep&, const Pass<float>&);
template void run_average_pool<double>(const PlanStep&, const Pass<double>&);
template void run_average_pool_back<float>(const PlanStep&, const Pass<float>&);
template void run_average_pool_back<double>(const PlanStep&, const Pass<double>&);

}  // namespace skarma
