#pragma once

#include <tuple>

#include <armadillo>

#include <skarma/core/net/node.hpp>

namespace skarma::reference {

// Convolutions and pools as they are written down. A sample is a row, in which an image lies row by
// row, column by column, channel by channel; see Window for what is seen of it at a place.

/// Of filters W of shape (window.size(), filters) and biases b, at each place: what is seen times
/// W, plus b. Signal processing calls this the correlation.
template <class T>
arma::Mat<T> convolved(const Window& window, const arma::Mat<T>& images, const arma::Mat<T>& w,
                       const arma::Row<T>& b);
/// Of the derivative by it: those by W, by b, and by the images.
template <class T>
std::tuple<arma::Mat<T>, arma::Mat<T>, arma::Mat<T>> convolution_delta(const Window& window,
                                                                       const arma::Mat<T>& images,
                                                                       const arma::Mat<T>& w,
                                                                       const arma::Mat<T>& delta);

/// The largest value that is seen of each channel; the derivative by it is the first largest's.
template <class T>
arma::Mat<T> largest_seen(const Window& window, const arma::Mat<T>& images);
template <class T>
arma::Mat<T> largest_seen_delta(const Window& window, const arma::Mat<T>& images,
                                const arma::Mat<T>& delta);

/// The mean of the values that are seen of each channel, which all have a share of the derivative.
template <class T>
arma::Mat<T> mean_seen(const Window& window, const arma::Mat<T>& images);
template <class T>
arma::Mat<T> mean_seen_delta(const Window& window, const arma::Mat<T>& delta);

}  // namespace skarma::reference
