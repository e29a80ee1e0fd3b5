#pragma once

#include <string>

#include <skarma/estimators/io/internal/write_target.hpp>

namespace skarma {

/// A new file in a target's folder, named `.NAME.skarma-N.tmp` after the target. It is private
/// if the target is there already, else it has the modes that the umask allows. It is locked
/// (flock) while it lives, so that nobody takes it for the leftover of a program that was killed,
/// and is gone at the end unless it has become the target.
class TemporaryFile {
 public:
  /// Removes leftovers first. Not open, with `error`, if the folder takes no new file.
  explicit TemporaryFile(const WriteTarget& target);
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  bool is_open() const { return file_.is_open(); }
  int error() const { return error_; }
  int descriptor() const { return file_.number(); }

  /// Takes the target's place at one stroke. Returns 0 or the system's error.
  int become_target();

 private:
  const WriteTarget& target_;
  std::string name_;
  Descriptor file_;
  int error_ = 0;
};

}  // namespace skarma
