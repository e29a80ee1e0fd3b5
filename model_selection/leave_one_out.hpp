#pragma once

#include <skarma/model_selection/splitter.hpp>

namespace skarma {

/// Every sample is the test part once: scikit-learn's LeaveOneOut. Two samples are the fewest.
class LeaveOneOut final : public Splitter {
 public:
  std::size_t n_splits(std::size_t n_samples) const override { return n_samples; }

 private:
  Splits cut(std::size_t n_samples, const Target& y, const Groups& groups) const override;
};

}  // namespace skarma
