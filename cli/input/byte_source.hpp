#pragma once

#include <memory>
#include <span>
#include <string>

namespace skarma::cli {

/// The bytes of a file, uncompressed if it was written by gzip. "-" is standard input.
/// All members throw DataError naming the file.
class ByteSource {
 public:
  explicit ByteSource(const std::string& path);

  /// Fills the front of `buffer` and returns how many bytes that are; 0 at the end.
  std::size_t read(std::span<char> buffer);

 private:
  struct Closer {
    void operator()(void* file) const;
  };

  std::string path_;
  std::unique_ptr<void, Closer> file_;
};

}  // namespace skarma::cli
