#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <variant>

#include <skarma/core/base/matrix.hpp>

namespace skarma {

// What is done to the samples of each minibatch of a training, and never to predictions or to
// samples for validation. What is drawn depends on the seed, the epoch and the number of the sample
// alone. Images are row by row, column by column, channel by channel; values between pixels are
// bilinear (Keras's RandomTranslation, RandomRotation, RandomFlip and GaussianNoise; torchvision's
// RandomCrop with a padding).

/// What is seen outside of an image: `fill_value` (constant), the nearest pixel, the image mirrored
/// at its edge (d c b a | a b c d | d c b a), or the image again. scipy.ndimage calls them
/// grid-constant, nearest, reflect and grid-wrap.
enum class FillMode { constant, nearest, reflect, wrap };

/// Numbers are drawn evenly from `low` to `high`.
struct Spread {
  double low, high;
};

/// Moves an image down by a share of its height, and right by one of its width: -1 to 1.
struct RandomTranslation {
  Spread height_factor, width_factor;
  FillMode fill_mode = FillMode::reflect;
  double fill_value = 0.0;
};
/// Turns an image about its centre, counter-clockwise.
struct RandomRotation {
  Spread degrees;
  FillMode fill_mode = FillMode::reflect;
  double fill_value = 0.0;
};
/// Mirrors half of the images left to right, top to bottom, or both, each by a draw of its own.
struct RandomFlip {
  bool horizontal = true, vertical = true;
};
/// `padding` pixels are put around an image, of which then a part of the image's size is taken.
struct RandomCrop {
  std::size_t padding;
  FillMode fill_mode = FillMode::constant;
  double fill_value = 0.0;
};
/// Adds normal numbers to all values, of images or others.
struct GaussianNoise {
  double stddev;
};

/// A minibatch that a function may change: a sample is a row of `height` * `width` * `channels`
/// values, what is not an image one of channels alone. `seed`, `epoch`, `batch` and the `place` of
/// the function in its list are other numbers for each call.
struct Minibatch {
  MatrixView<double> x;
  std::size_t height, width, channels;
  std::uint64_t seed, epoch, batch, place;
};
/// Called for each minibatch, in the thread of the fit. What it throws ends the fit.
using AugmentFunction = std::function<void(const Minibatch& minibatch)>;

using Augmentation = std::variant<RandomTranslation, RandomRotation, RandomFlip, RandomCrop,
                                  GaussianNoise, AugmentFunction>;

}  // namespace skarma
