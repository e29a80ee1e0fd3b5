#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace skarma::cli {

/// A file that is there whole or not at all: text goes to a temporary file beside it, which is
/// then renamed. (A device or a pipe is written to directly.)
class OutputFile {
 public:
  /// Throws std::runtime_error if the file could not be written later: before any work is done.
  explicit OutputFile(std::string path);

  /// Throws std::runtime_error, and leaves what was there before.
  void write(std::string_view text) const;

 private:
  std::string path_;
  bool is_device_ = false;
};

/// The file of --save-model, if there is one. Throws as OutputFile does.
std::optional<OutputFile> model_file(const std::string& path);

}  // namespace skarma::cli
