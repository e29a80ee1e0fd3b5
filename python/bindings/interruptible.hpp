#pragma once

#include <functional>
#include <stop_token>

namespace skarma::python {

/// Does `work(stop_token)` without the GIL, in a thread of its own, while this one looks for
/// Ctrl-C. Returns whether there was one: the work was then asked to stop, and the exception is
/// left behind. What the work throws is thrown here, and so is what another signal's handler
/// raises. Only Python's main thread hears signals. Where no thread can be started, the work is
/// done in this one, which then hears nothing until it is through.
bool run_interruptible(const std::function<void(std::stop_token)>& work);

}  // namespace skarma::python
