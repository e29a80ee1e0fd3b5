#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace skarma {

/// One loss an epoch. A copy shares what is there, so that it costs the same after ten epochs and
/// after a million: partial_fit makes one in each call.
class LossCurve {
 public:
  LossCurve() = default;
  LossCurve(std::vector<double> losses);

  void push_back(double loss);
  std::size_t size() const { return size_; }
  /// The losses from number `first` on.
  std::vector<double> from(std::size_t first) const;
  std::vector<double> values() const { return from(0); }

 private:
  using Part = std::shared_ptr<const std::vector<double>>;

  std::vector<Part> parts_;  // of falling length: as many as the logarithm of the size
  std::size_t size_ = 0;
};

}  // namespace skarma
