#pragma once

#include <limits>
#include <stdexcept>

#include <gtest/gtest.h>

#include <skarma/core/kernels/dispatch.hpp>
#include <skarma/tests/support/messages.hpp>

namespace skarma::test {

using RealTypes = ::testing::Types<float, double>;

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
