#include <skarma/core/engine/shared_engine.hpp>

#include <gtest/gtest.h>

namespace skarma {
namespace {

TEST(SharedEngine, IsMadeAnewForAnotherDeviceOrNumberOfThreads) {
  SharedEngine shared;
  const Matrix<double> x(3, 2);
  const DataId first = shared.on("cpu", 1).hold(x);
  EXPECT_NE(shared.on("cpu", 1).hold(x), first);  // the same
  EXPECT_EQ(shared.on("cpu", 2).hold(x), first);
  EXPECT_EQ(shared.on("reference", 2).hold(x), first);
}

TEST(SharedEngine, KeepsTheEnginesOfSeveralDevices) {
  int n_made = 0;
  SharedEngine shared(nullptr, [&](std::string_view device, int n_threads, SpareThreads* spare) {
    ++n_made;
    return make_engine(device, n_threads, spare);
  });
  Engine& cpu = shared.on("cpu", 1);
  Engine& reference = shared.on("reference", 1);
  EXPECT_EQ(&shared.on("cpu", 1), &cpu);
  EXPECT_EQ(&shared.on("reference", 3), &reference);  // which has one thread anyhow
  EXPECT_EQ(n_made, 2);
}

TEST(SharedEngine, ThatOthersMayJoinHasOneThreadWhateverIsAskedFor) {
  SpareThreads spare(1, 1);
  SharedEngine shared(&spare);
  const Matrix<double> x(3, 2);
  const DataId first = shared.on("cpu", 1).hold(x);
  EXPECT_NE(shared.on("cpu", 3).hold(x), first);  // the same
  EXPECT_EQ(shared.on("reference", 3).hold(x), first);
}

}  // namespace
}  // namespace skarma
