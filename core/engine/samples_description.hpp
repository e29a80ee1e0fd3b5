#pragma once

#include <vector>

#include <skarma/core/engine/device_abi.h>
#include <skarma/core/base/sample_view.hpp>

namespace skarma {

/// Samples as plain data. What is described must stay as long as the view's matrix, and the view
/// itself is kept here, with the rows and maps that it shares.
class SamplesDescription {
 public:
  explicit SamplesDescription(const SampleView& view);
  SamplesDescription(SamplesDescription&&) = default;  // lists stay where they are

  std::size_t n_samples() const { return view_.n_samples(); }
  /// Valid as long as this, wherever it is moved.
  const skarma_samples& samples() const { return samples_; }

 private:
  SampleView view_;
  std::vector<skarma_transform> transforms_;
  skarma_samples samples_{};
};

}  // namespace skarma
