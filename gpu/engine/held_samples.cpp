#include <skarma/gpu/engine/held_samples.hpp>

#include <algorithm>
#include <new>
#include <span>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <skarma/gpu/engine/image.hpp>

namespace skarma::gpu {
namespace {

template <class S>
const void* row_starts_of(const MatrixView<const S>&) {
  return nullptr;
}
template <class S>
const void* row_starts_of(const CsrView<S>& x) {
  return x.row_starts();
}

template <class S>
const void* values_of(const MatrixView<const S>& x) {
  return x.data();
}
template <class S>
const void* values_of(const CsrView<S>& x) {
  return x.values();
}

template <class S>
std::size_t row_stride_of(const MatrixView<const S>& x) {
  return x.row_stride();
}
template <class S>
std::size_t row_stride_of(const CsrView<S>&) {
  return 0;
}

/// Rows without gaps.
template <class S>
StoredMatrix stored(Device& device, const MatrixView<const S>& x) {
  const std::size_t n = x.rows() * x.cols();
  StoredMatrix matrix{DeviceMemory(device, n * sizeof(S)), {}};
  auto* const values = at<S>(matrix.memory.data(), 0);
  if (x.is_contiguous()) {
    device.upload(values, x.data(), n * sizeof(S));
  } else {
    for (std::size_t i = 0; i < x.rows(); ++i) {
      device.upload(values + i * x.cols(), x.row(i).data(), x.cols() * sizeof(S));
    }
  }
  matrix.samples = plain_rows<S>(values, x.cols());
  return matrix;
}

template <class S>
StoredMatrix stored(Device& device, const CsrView<S>& x) {
  const auto n = x.rows() == 0 ? 0 : static_cast<std::size_t>(x.row_starts()[x.rows()]);
  Image image;
  const auto starts = image.add(std::span(x.row_starts(), x.rows() + 1));
  const auto values = image.add(std::span(x.values(), n));
  // One more than there are: null says that rows are dense.
  std::vector<std::int32_t> all_columns(x.columns(), x.columns() + n);
  all_columns.push_back(0);
  const auto columns = image.add(all_columns);
  StoredMatrix matrix{DeviceMemory(device, image.size()), {}};
  image.lies_at(matrix.memory.data());
  image.upload(device);
  matrix.samples = {.values = image.address(values),
                    .is_float32 = std::is_same_v<S, float>,
                    .columns = image.address(columns),
                    .row_starts = image.address(starts),
                    .row_stride = 0,
                    .rows = nullptr,
                    .maps = nullptr,
                    .n_maps = 0,
                    .n_features = static_cast<Count>(x.cols())};
  return matrix;
}

}  // namespace

StoredMatrices::Key StoredMatrices::key_of(const SampleView& view) {
  return std::visit(
      [&](const auto& x) {
        return Key{values_of(x), row_starts_of(x), x.rows(),
                   x.cols(),     row_stride_of(x), view.is_float32()};
      },
      view.stored());
}

std::shared_ptr<const StoredMatrix> StoredMatrices::find(const SampleView& view) {
  std::erase_if(matrices_, [](const auto& entry) { return entry.second.expired(); });
  auto& known = matrices_[key_of(view)];
  if (auto matrix = known.lock()) return matrix;
  auto matrix = std::visit(
      [&](const auto& x) { return std::make_shared<const StoredMatrix>(stored(device_, x)); },
      view.stored());
  known = matrix;
  return matrix;
}

HeldSamples::HeldSamples(Device& device, StoredMatrices& matrices, const SampleView& view)
    : view_(view) {
  try {
    matrix_ = matrices.find(view_);
    upload_rest(device);
  } catch (const std::bad_alloc&) {
    matrix_ = nullptr;
    rest_ = {};
  }
}

void HeldSamples::upload_rest(Device& device) {
  samples_ = matrix_->samples;
  Image image;
  const auto chosen = view_.chosen_rows();
  const auto rows = image.add(chosen.value_or(std::span<const RowIndex>{}));
  const auto transforms = view_.transforms();
  std::vector<std::pair<Place<double>, Place<double>>> numbers;
  for (const auto& transform : transforms) {
    numbers.emplace_back(image.add(transform->offset), image.add(transform->scale));
  }
  const auto maps = image.make_room<BlockMap>(transforms.size());
  if (image.size() == 0) return;
  rest_ = DeviceMemory(device, image.size());
  image.lies_at(rest_.data());
  for (std::size_t i = 0; i < transforms.size(); ++i) {
    const ColumnTransform& transform = *transforms[i];
    const auto [low, high] = transform.clip.value_or(std::pair{0.0, 0.0});
    image.put(maps, i,
              {.offset = image.address(numbers[i].first),
               .scale = image.address(numbers[i].second),
               .low = low,
               .high = high,
               .standardises = transform.kind == ColumnTransform::Kind::standardise,
               .clips = transform.clip.has_value()});
  }
  image.upload(device);
  samples_.rows = image.address(rows);
  samples_.maps = image.address(maps);
  samples_.n_maps = static_cast<Count>(transforms.size());
}

template <class T>
const BlockSamples* HeldSamples::on_device() const {
  if (matrix_ == nullptr) return nullptr;
  const bool is_sparse = samples_.columns != nullptr;
  const bool has_type_of_model = samples_.is_float32 == std::is_same_v<T, float>;
  return is_sparse && samples_.n_maps > 0 && !has_type_of_model ? nullptr : &samples_;
}

std::size_t streamed_bytes(const Device& device) {
  constexpr std::size_t kMost = std::size_t{64} << 20;
  return std::min(kMost, device.free_memory() / 4);
}

template <class T>
BlockSamples plain_rows(const T* values, std::size_t n_features) {
  return {.values = values,
          .is_float32 = std::is_same_v<T, float>,
          .columns = nullptr,
          .row_starts = nullptr,
          .row_stride = n_features,
          .rows = nullptr,
          .maps = nullptr,
          .n_maps = 0,
          .n_features = static_cast<Count>(n_features)};
}

template const BlockSamples* HeldSamples::on_device<float>() const;
template const BlockSamples* HeldSamples::on_device<double>() const;
template BlockSamples plain_rows(const float*, std::size_t);
template BlockSamples plain_rows(const double*, std::size_t);

}  // namespace skarma::gpu
