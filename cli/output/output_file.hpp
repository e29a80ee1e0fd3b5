#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <skarma/cli/output/console.hpp>

namespace skarma::cli {

/// Whether a path means standard output: "-", /dev/stdout, or its number under /dev and /proc.
bool is_standard_output(std::string_view path);

/// Where results go: a file that is there whole or not at all, a pipe or a device, which is written
/// to as it is, or standard output.
class OutputFile {
 public:
  /// Throws std::runtime_error if it could not be written later: before any work is done.
  explicit OutputFile(std::string path);

  bool is_standard_output() const { return is_standard_output_; }
  /// Whether it is written to as it is.
  bool is_stream() const { return is_standard_output_ || is_stream_; }
  const std::string& path() const { return path_; }

  /// Throws std::runtime_error, and leaves what was there before.
  void write(std::string_view text, const Console& console) const;

 private:
  std::string path_;
  bool is_standard_output_;
  bool is_stream_ = false;
};

/// A file for cv_results, whose name says the format: .csv or .json; a stream gets CSV. Throws as
/// OutputFile does, and UsageError for another name.
OutputFile results_file(const std::string& path);
/// The same of --report: .html or .md, and a page in a pipe.
OutputFile report_file(const std::string& path);

/// A file for a model: a regular one.
class ModelFile {
 public:
  /// Throws as OutputFile does, also for what is there and no regular file, and UsageError for
  /// standard output.
  explicit ModelFile(std::string path);

  const std::string& path() const { return path_; }
  /// Throws std::runtime_error, and leaves what was there before.
  void write(std::string_view bytes) const;
  /// Where the model of an interrupted fit goes: beside the file, which stays as it is.
  ModelFile for_interrupted() const { return ModelFile(path_ + ".interrupted"); }

 private:
  std::string path_;
};

/// The file of --save-model, if there is one.
std::optional<ModelFile> model_file(const std::string& path);

}  // namespace skarma::cli
