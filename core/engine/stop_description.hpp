#pragma once

#include <stop_token>

#include <skarma/core/engine/device_abi.h>

namespace skarma {

/// A stop token as plain data. Neither is to be moved meanwhile.
class StopDescription {
 public:
  explicit StopDescription(const std::stop_token& token);

  /// Null where nobody can ask to stop.
  const skarma_stop* stop() const { return possible_ ? &stop_ : nullptr; }

 private:
  bool possible_;
  skarma_stop stop_;
};

}  // namespace skarma
