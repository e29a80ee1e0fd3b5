#pragma once

#include <cstddef>
#include <limits>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

#include <skarma/core/kernels/dispatch.hpp>
#include <skarma/tests/support/messages.hpp>

namespace skarma::test {

using RealTypes = ::testing::Types<float, double>;

struct KernelShape {
  std::size_t rows, units;
};

/// Every width and height from 1 to 70, so that every tail of a vector loop occurs.
inline std::vector<KernelShape> kernel_shapes() {
  std::vector<KernelShape> all;
  for (std::size_t n = 1; n <= 70; ++n) {
    all.push_back({3, n});
    all.push_back({n, 1});
    all.push_back({n, 5});
  }
  return all;
}

/// Tests of the kernels of SKARMA_ISA; skipped where the processor does not have it.
template <class T>
class KernelTest : public ::testing::Test {
 protected:
  void SetUp() override {
    try {
      table_ = &kernels::table<T>();
    } catch (const std::invalid_argument& e) {
      if (!contains(e.what(), "this processor does not have it")) throw;
      GTEST_SKIP() << e.what();
    }
  }

  static constexpr double kEpsilon = std::numeric_limits<T>::epsilon();
  const kernels::KernelTable<T>* table_ = nullptr;
};

}  // namespace skarma::test
