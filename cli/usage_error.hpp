#pragma once

#include <stdexcept>

#include <skarma/core/base/errors.hpp>

namespace skarma::cli {

/// The command line asks for something that does not exist or cannot be: exit code 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Does `work`, which judges what the user typed: its std::invalid_argument is a UsageError, and so
/// is the DeviceError of a device that is not there.
template <class Work>
auto judged(Work work) {
  try {
    return work();
  } catch (const std::invalid_argument& error) {
    throw UsageError(error.what());
  } catch (const DeviceError& error) {
    throw UsageError(error.what());
  }
}

}  // namespace skarma::cli
