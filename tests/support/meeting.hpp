#pragma once

#include <atomic>
#include <chrono>
#include <thread>

namespace skarma::test {

/// Where threads wait for each other: until so many have come, or as long as a test can wait.
class Meeting {
 public:
  explicit Meeting(int n) : n_missing_(n) {}

  void come() {
    --n_missing_;
    for (int i = 0; i < 10000 && n_missing_ > 0; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

 private:
  std::atomic<int> n_missing_;
};

}  // namespace skarma::test
