#pragma once

#include <stdexcept>
#include <string>

namespace skarma::internal {

[[noreturn]] inline void check_failed(const char* condition, const char* file, int line) {
  throw std::logic_error(std::string("skarma bug: ") + condition + " does not hold at " + file +
                         ":" + std::to_string(line));
}

}  // namespace skarma::internal

/// States what our own code guarantees; a failure is a bug in skarma, never a user's mistake.
#define SKARMA_CHECK(condition) \
  ((condition) ? void(0) : ::skarma::internal::check_failed(#condition, __FILE__, __LINE__))
