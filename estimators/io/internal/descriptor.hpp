#pragma once

#include <unistd.h>

#include <utility>

namespace skarma {

/// An open file or folder of the system; -1: none.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  ~Descriptor() { close(); }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      close();
      number_ = std::exchange(other.number_, -1);
    }
    return *this;
  }

  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }

  /// 0, or what close(2) returns where the last bytes could not be written.
  int close() {
    const int open = std::exchange(number_, -1);
    return open < 0 ? 0 : ::close(open);
  }

 private:
  int number_;
};

}  // namespace skarma
