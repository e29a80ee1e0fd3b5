#include <skarma/core/engine/samples_description.hpp>

#include <skarma/core/engine/device_codes.hpp>

namespace skarma {
namespace {

skarma_transform described(const ColumnTransform& transform) {
  const auto [low, high] = transform.clip.value_or(std::pair{0.0, 0.0});
  return {.offset = transform.offset.data(),
          .scale = transform.scale.data(),
          .low = low,
          .high = high,
          .kind = static_cast<std::int32_t>(transform.kind),
          .clips = transform.clip.has_value()};
}

template <class T>
void describe(const MatrixView<const T>& x, skarma_samples& samples) {
  samples.values = x.data();
  samples.row_stride = x.row_stride();
  samples.storage = SKARMA_DENSE_ROWS;
  samples.type = kTypeCode<T>;
}

template <class T>
void describe(const CsrView<T>& x, skarma_samples& samples) {
  samples.values = x.values();
  samples.columns = x.columns();
  samples.row_starts = x.row_starts();
  samples.storage = SKARMA_SPARSE_ROWS;
  samples.type = kTypeCode<T>;
}

}  // namespace

SamplesDescription::SamplesDescription(const SampleView& view) : view_(view) {
  for (const auto& transform : view_.transforms()) transforms_.push_back(described(*transform));
  const auto rows = view_.chosen_rows();
  samples_.rows = rows ? rows->data() : nullptr;
  samples_.chosen = rows.has_value();
  samples_.n_samples = view_.n_samples();
  samples_.n_features = view_.n_features();
  samples_.transforms = transforms_.data();
  samples_.n_transforms = transforms_.size();
  std::visit(
      [&](const auto& x) {
        samples_.n_stored_rows = x.rows();
        describe(x, samples_);
      },
      view_.stored());
}

}  // namespace skarma
