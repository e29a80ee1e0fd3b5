#pragma once

#include <memory>
#include <string>

#include <pybind11/pybind11.h>

#include <skarma/core/base/fit_callback.hpp>
#include <skarma/python/bindings/interruptible.hpp>
#include <skarma/python/bindings/native_classes.hpp>

namespace skarma::python {

/// A fit that is watched, for the length of one call.
class WatchedFit {
 public:
  explicit WatchedFit(FitProgress& progress) : progress_(&progress) {}

  FitProgress& progress() const;
  void forget() { progress_ = nullptr; }

 private:
  FitProgress* progress_;
};

struct KeptFit {
  std::shared_ptr<const FitCheckpoint> checkpoint;
};

/// Tells a Python function of every event, by its name, with the fit; if it returns something true,
/// the fit stops. Both must outlive this.
std::shared_ptr<FitCallback> callback_of(const pybind11::object& function, bool wants_batches,
                                         Errands& errands);

}  // namespace skarma::python
