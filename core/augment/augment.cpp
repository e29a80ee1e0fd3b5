#include <skarma/core/augment/augment.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <skarma/core/augment/resample.hpp>
#include <skarma/core/base/internal/check.hpp>
#include <skarma/core/kernels/dispatch.hpp>
#include <skarma/core/kernels/philox.hpp>

namespace skarma {
namespace {

using kernels::PhiloxBlock;

/// Augmentations draw as layers do, at numbers that no layer has.
std::uint32_t layer_of(std::size_t place) { return 0xffff - static_cast<std::uint32_t>(place); }

double drawn_from(const Spread& spread, std::uint32_t word) {
  return spread.low + (spread.high - spread.low) * ((word + 0.5) * 0x1p-32);
}

bool is_heads(std::uint32_t word) { return (word >> 31) != 0; }

/// 0 ... n - 1
std::size_t one_of(std::size_t n, std::uint32_t word) { return (n * std::uint64_t{word}) >> 32; }

AffineMap map_of(const RandomTranslation& change, const ImageShape& shape, const PhiloxBlock& w) {
  return {.row = -drawn_from(change.height_factor, w.a) * static_cast<double>(shape.height),
          .column = -drawn_from(change.width_factor, w.b) * static_cast<double>(shape.width)};
}

AffineMap map_of(const RandomRotation& change, const ImageShape& shape, const PhiloxBlock& w) {
  const double angle = drawn_from(change.degrees, w.a) * std::numbers::pi / 180.0;
  const double cosine = std::cos(angle), sine = std::sin(angle);
  const double y = 0.5 * static_cast<double>(shape.height - 1);
  const double x = 0.5 * static_cast<double>(shape.width - 1);
  return {cosine, sine, y - cosine * y - sine * x, -sine, cosine, x + sine * y - cosine * x};
}

AffineMap map_of(const RandomFlip& change, const ImageShape& shape, const PhiloxBlock& w) {
  AffineMap map;
  if (change.vertical && is_heads(w.a)) {
    map.row_by_i = -1.0;
    map.row = static_cast<double>(shape.height - 1);
  }
  if (change.horizontal && is_heads(w.b)) {
    map.column_by_j = -1.0;
    map.column = static_cast<double>(shape.width - 1);
  }
  return map;
}

AffineMap map_of(const RandomCrop& change, const ImageShape&, const PhiloxBlock& w) {
  const auto padding = static_cast<double>(change.padding);
  const std::size_t places = 2 * change.padding + 1;
  return {.row = static_cast<double>(one_of(places, w.a)) - padding,
          .column = static_cast<double>(one_of(places, w.b)) - padding};
}

template <class Change>
Outside outside_of(const Change& change) {
  return {change.fill_mode, change.fill_value};
}
Outside outside_of(const RandomFlip&) { return {FillMode::nearest, 0.0}; }

/// One augmentation of some samples of a minibatch.
template <class T>
class Augmenter {
 public:
  Augmenter(std::size_t place, const ImageShape& shape, const MinibatchNumber& number,
            std::span<const RowIndex> samples, MatrixView<T> rows, ThreadTeam& team)
      : place_(place),
        shape_(shape),
        number_(number),
        samples_(samples),
        rows_(rows),
        team_(team) {}

  template <class Change>
  void operator()(const Change& change) {
    for_parts(16, [&](std::size_t begin, std::size_t end) {
      std::vector<T> before(rows_.cols());
      for (std::size_t i = begin; i < end; ++i) {
        const auto row = rows_.row(i);
        std::ranges::copy(row, before.begin());
        const PhiloxBlock words =
            kernels::dropout_words(number_.seed, number_.epoch, layer_of(place_), samples_[i], 0);
        resample(before.data(), row.data(), shape_, map_of(change, shape_, words),
                 outside_of(change));
      }
    });
  }

  void operator()(const GaussianNoise& change) {
    const kernels::Noise noise{number_.seed, number_.epoch, layer_of(place_), change.stddev};
    for_parts(16, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        T* const row = rows_.row(i).data();  // a stride of 0: this row, whatever its number
        kernels::table<T>().noise(noise, {row, 0}, {row, 0}, samples_[i], samples_[i] + 1,
                                  rows_.cols());
      }
    });
  }

  void operator()(const AugmentFunction& function) {
    Matrix<double> x(rows_.rows(), rows_.cols());
    for (std::size_t i = 0; i < x.rows(); ++i) std::ranges::copy(rows_.row(i), x.row(i).begin());
    function({x.view(), shape_.height, shape_.width, shape_.channels, number_.seed, number_.epoch,
              number_.batch, place_});
    for (std::size_t i = 0; i < x.rows(); ++i) {
      std::ranges::transform(x.row(i), rows_.row(i).begin(),
                             [](double value) { return static_cast<T>(value); });
    }
  }

 private:
  template <class Task>
  void for_parts(std::size_t cost, const Task& task) {
    run_in_parts(team_, rows_.rows(), cost * rows_.rows() * rows_.cols(), task);
  }

  std::size_t place_;
  const ImageShape& shape_;
  const MinibatchNumber& number_;
  std::span<const RowIndex> samples_;
  MatrixView<T> rows_;
  ThreadTeam& team_;
};

// ---- what is refused ----

void require(bool is_right, std::string_view what, std::string_view domain, double value) {
  if (is_right) return;
  throw std::invalid_argument(fmt::format("{} must be {}. Got {} instead.", what, domain, value));
}

void check(std::string_view what, const Spread& spread, double most, std::string_view domain) {
  require(std::abs(spread.low) <= most, what, domain, spread.low);
  require(std::abs(spread.high) <= most, what, domain, spread.high);
  if (spread.low <= spread.high) return;
  throw std::invalid_argument(fmt::format("{} must go from a lower to an upper end. Got {} and {}.",
                                          what, spread.low, spread.high));
}

void check_fill(double value) { require(std::isfinite(value), "fill_value", "finite", value); }

void check(const RandomTranslation& change) {
  check("height_factor", change.height_factor, 1.0, "in the range [-1, 1]");
  check("width_factor", change.width_factor, 1.0, "in the range [-1, 1]");
  check_fill(change.fill_value);
}
void check(const RandomRotation& change) {
  check("degrees", change.degrees, 360.0, "in the range [-360, 360]");
  check_fill(change.fill_value);
}
void check(const RandomFlip& change) {
  if (change.horizontal || change.vertical) return;
  throw std::invalid_argument("RandomFlip needs a direction: horizontal, vertical, or both.");
}
void check(const RandomCrop& change) {
  constexpr std::size_t kMost = 1 << 16;
  require(change.padding >= 1 && change.padding <= kMost, "padding", "in the range [1, 65536]",
          static_cast<double>(change.padding));
  check_fill(change.fill_value);
}
void check(const GaussianNoise& change) {
  require(change.stddev >= 0.0 && std::isfinite(change.stddev), "stddev", "in the range [0, inf)",
          change.stddev);
}
void check(const AugmentFunction& function) {
  if (!function) throw std::invalid_argument("An empty function cannot augment samples.");
}

/// Of what is for images alone.
std::string_view name_of(const Augmentation& augmentation) {
  constexpr std::string_view kNames[] = {"RandomTranslation", "RandomRotation", "RandomFlip",
                                         "RandomCrop"};
  return augmentation.index() < std::size(kNames) ? kNames[augmentation.index()] : "";
}

}  // namespace

void check_augmentation(const Augmentation& augmentation) {
  std::visit([](const auto& change) { check(change); }, augmentation);
}

void check_augmentations(std::span<const Augmentation> augmentations, const ImageShape& shape) {
  const bool is_image = shape.height * shape.width > 1;
  for (const Augmentation& augmentation : augmentations) {
    check_augmentation(augmentation);
    const std::string_view name = name_of(augmentation);
    if (is_image || name.empty()) continue;
    throw std::invalid_argument(
        fmt::format("{} is for images, shape (height, width, channels). The samples of this "
                    "network have the shape ({},).",
                    name, shape.size()));
  }
}

template <class T>
void augment(std::span<const Augmentation> augmentations, const ImageShape& shape,
             const MinibatchNumber& number, std::span<const RowIndex> samples, MatrixView<T> rows,
             ThreadTeam& team) {
  SKARMA_CHECK(samples.size() == rows.rows() && shape.size() == rows.cols());
  for (std::size_t place = 0; place < augmentations.size(); ++place) {
    std::visit(Augmenter<T>(place, shape, number, samples, rows, team), augmentations[place]);
  }
}

template void augment<float>(std::span<const Augmentation>, const ImageShape&,
                             const MinibatchNumber&, std::span<const RowIndex>, MatrixView<float>,
                             ThreadTeam&);
template void augment<double>(std::span<const Augmentation>, const ImageShape&,
                              const MinibatchNumber&, std::span<const RowIndex>, MatrixView<double>,
                              ThreadTeam&);

}  // namespace skarma
