#include <skarma/core/reference/image_formulas.hpp>

#include <cmath>
#include <vector>

namespace skarma::reference {
namespace {

/// A value that is seen: its number in the window, and in the image.
struct Seen {
  arma::uword in_window, in_image;
};

/// What is inside of the image of the values that a window sees at the place (y, x).
std::vector<Seen> seen_at(const Window& w, std::size_t y, std::size_t x) {
  std::vector<Seen> all;
  for (std::size_t r = 0; r < w.height; ++r) {
    for (std::size_t c = 0; c < w.width; ++c) {
      const auto row =
          static_cast<std::ptrdiff_t>(y * w.row_stride + r) - static_cast<std::ptrdiff_t>(w.top);
      const auto column = static_cast<std::ptrdiff_t>(x * w.column_stride + c) -
                          static_cast<std::ptrdiff_t>(w.left);
      const bool is_inside = row >= 0 && column >= 0 &&
                             row < static_cast<std::ptrdiff_t>(w.input.height) &&
                             column < static_cast<std::ptrdiff_t>(w.input.width);
      if (!is_inside) continue;
      const auto pixel =
          static_cast<std::size_t>(row) * w.input.width + static_cast<std::size_t>(column);
      for (std::size_t k = 0; k < w.input.channels; ++k) {
        all.push_back({(r * w.width + c) * w.input.channels + k, pixel * w.input.channels + k});
      }
    }
  }
  return all;
}

/// Calls use(first, seen) for each place: the number of its first value in the output.
template <class Use>
void for_places(const Window& w, const Use& use) {
  for (std::size_t y = 0; y < w.output.height; ++y) {
    for (std::size_t x = 0; x < w.output.width; ++x) {
      use((y * w.output.width + x) * w.output.channels, seen_at(w, y, x));
    }
  }
}

/// What is seen, a row for each sample; 0 outside of the image.
template <class T>
arma::Mat<T> patch(const Window& w, const arma::Mat<T>& images, const std::vector<Seen>& seen) {
  arma::Mat<T> values(images.n_rows, w.size());
  for (const auto& [in_window, in_image] : seen) values.col(in_window) = images.col(in_image);
  return values;
}

/// Of a pool, the values of channel k that are seen.
std::vector<arma::uword> of_channel(const Window& w, const std::vector<Seen>& seen,
                                    std::size_t channel) {
  std::vector<arma::uword> all;
  for (const auto& [in_window, in_image] : seen) {
    if (in_window % w.input.channels == channel) all.push_back(in_image);
  }
  return all;
}

/// Calls use(output, values) for every value of a pool's output: its number, and those of what it
/// is made of.
template <class Use>
void for_pools(const Window& w, const Use& use) {
  for_places(w, [&](arma::uword first, const std::vector<Seen>& seen) {
    for (std::size_t k = 0; k < w.input.channels; ++k) use(first + k, of_channel(w, seen, k));
  });
}

/// The number, among these, of the largest value of a row: of equal ones the first, of NaN the
/// last.
template <class T>
arma::uword largest_of(const arma::Mat<T>& images, arma::uword row,
                       const std::vector<arma::uword>& values) {
  arma::uword largest = values.front();
  for (const arma::uword value : values) {
    if (images(row, value) > images(row, largest) || std::isnan(images(row, value))) {
      largest = value;
    }
  }
  return largest;
}

}  // namespace

template <class T>
arma::Mat<T> convolved(const Window& window, const arma::Mat<T>& images, const arma::Mat<T>& w,
                       const arma::Row<T>& b) {
  arma::Mat<T> result(images.n_rows, window.output.size());
  for_places(window, [&](arma::uword first, const std::vector<Seen>& seen) {
    arma::Mat<T> z = patch(window, images, seen) * w;
    z.each_row() += b;
    result.cols(first, first + w.n_cols - 1) = z;
  });
  return result;
}

template <class T>
std::tuple<arma::Mat<T>, arma::Mat<T>, arma::Mat<T>> convolution_delta(const Window& window,
                                                                       const arma::Mat<T>& images,
                                                                       const arma::Mat<T>& w,
                                                                       const arma::Mat<T>& delta) {
  arma::Mat<T> by_w(w.n_rows, w.n_cols), by_b(1, w.n_cols), by_images(images.n_rows, images.n_cols);
  for_places(window, [&](arma::uword first, const std::vector<Seen>& seen) {
    const arma::Mat<T> by_z = delta.cols(first, first + w.n_cols - 1);
    by_w += patch(window, images, seen).t() * by_z;
    by_b += arma::sum(by_z, 0);
    const arma::Mat<T> by_patch = by_z * w.t();
    for (const auto& [in_window, in_image] : seen)
      by_images.col(in_image) += by_patch.col(in_window);
  });
  return {by_w, by_b, by_images};
}

template <class T>
arma::Mat<T> largest_seen(const Window& window, const arma::Mat<T>& images) {
  arma::Mat<T> result(images.n_rows, window.output.size());
  for_pools(window, [&](arma::uword output, const std::vector<arma::uword>& values) {
    for (arma::uword i = 0; i < images.n_rows; ++i) {
      result(i, output) = images(i, largest_of(images, i, values));
    }
  });
  return result;
}

template <class T>
arma::Mat<T> largest_seen_delta(const Window& window, const arma::Mat<T>& images,
                                const arma::Mat<T>& delta) {
  arma::Mat<T> result(images.n_rows, images.n_cols);
  for_pools(window, [&](arma::uword output, const std::vector<arma::uword>& values) {
    for (arma::uword i = 0; i < images.n_rows; ++i) {
      result(i, largest_of(images, i, values)) += delta(i, output);
    }
  });
  return result;
}

template <class T>
arma::Mat<T> mean_seen(const Window& window, const arma::Mat<T>& images) {
  arma::Mat<T> result(images.n_rows, window.output.size());
  for_pools(window, [&](arma::uword output, const std::vector<arma::uword>& values) {
    result.col(output) = arma::mean(images.cols(arma::uvec(values)), 1);
  });
  return result;
}

template <class T>
arma::Mat<T> mean_seen_delta(const Window& window, const arma::Mat<T>& delta) {
  arma::Mat<T> result(delta.n_rows, window.input.size());
  for_pools(window, [&](arma::uword output, const std::vector<arma::uword>& values) {
    for (const arma::uword value : values) {
      result.col(value) += delta.col(output) / static_cast<T>(values.size());
    }
  });
  return result;
}

template arma::Mat<float> convolved<float>(const Window&, const arma::Mat<float>&,
                                           const arma::Mat<float>&, const arma::Row<float>&);
template std::tuple<arma::Mat<float>, arma::Mat<float>, arma::Mat<float>> convolution_delta<float>(
    const Window&, const arma::Mat<float>&, const arma::Mat<float>&, const arma::Mat<float>&);
template arma::Mat<float> largest_seen<float>(const Window&, const arma::Mat<float>&);
template arma::Mat<float> largest_seen_delta<float>(const Window&, const arma::Mat<float>&,
                                                    const arma::Mat<float>&);
template arma::Mat<float> mean_seen<float>(const Window&, const arma::Mat<float>&);
template arma::Mat<float> mean_seen_delta<float>(const Window&, const arma::Mat<float>&);

template arma::Mat<double> convolved<double>(const Window&, const arma::Mat<double>&,
                                             const arma::Mat<double>&, const arma::Row<double>&);
template std::tuple<arma::Mat<double>, arma::Mat<double>, arma::Mat<double>>
convolution_delta<double>(const Window&, const arma::Mat<double>&, const arma::Mat<double>&,
                          const arma::Mat<double>&);
template arma::Mat<double> largest_seen<double>(const Window&, const arma::Mat<double>&);
template arma::Mat<double> largest_seen_delta<double>(const Window&, const arma::Mat<double>&,
                                                      const arma::Mat<double>&);
template arma::Mat<double> mean_seen<double>(const Window&, const arma::Mat<double>&);
template arma::Mat<double> mean_seen_delta<double>(const Window&, const arma::Mat<double>&);

}  // namespace skarma::reference
