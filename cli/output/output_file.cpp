#include <skarma/cli/output/output_file.hpp>

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <skarma/cli/usage_error.hpp>
#include <skarma/core/base/nearest_name.hpp>
#include <skarma/estimators/io/replace_file.hpp>

namespace skarma::cli {
namespace {

using Endings = std::array<std::string_view, 2>;

/// A file of the flag, whose name says its format.
OutputFile file_of_format(std::string_view flag, const std::string& path, const Endings& endings) {
  OutputFile file(path);
  if (file.is_stream() || path.ends_with(endings[0]) || path.ends_with(endings[1])) return file;
  const auto dot = path.rfind('.');
  const std::string ending = dot == std::string::npos ? "" : path.substr(dot);
  throw UsageError(fmt::format("{}: the name must end with {} or {}; got '{}'.{}", flag, endings[0],
                               endings[1], path, did_you_mean(ending, endings)));
}

}  // namespace

bool is_standard_output(std::string_view path) {
  constexpr std::array kNames = {"-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"};
  return std::find(kNames.begin(), kNames.end(), path) != kNames.end();
}

OutputFile::OutputFile(std::string path)
    : path_(std::move(path)), is_standard_output_(cli::is_standard_output(path_)) {
  if (!is_standard_output_) is_stream_ = check_output(path_);
}

void OutputFile::write(std::string_view text, const Console& console) const {
  if (is_standard_output_) return console.print(text);
  write_output(path_, text);
}

OutputFile results_file(const std::string& path) {
  return file_of_format("--output", path, {".csv", ".json"});
}

OutputFile report_file(const std::string& path) {
  return file_of_format("--report", path, {".html", ".md"});
}

ModelFile::ModelFile(std::string path) : path_(std::move(path)) {
  if (is_standard_output(path_)) {
    throw UsageError(fmt::format(
        "--save-model {}: a model does not go to standard output; name a file.", path_));
  }
  check_replaceable(path_);
}

void ModelFile::write(std::string_view bytes) const { replace_file(path_, bytes); }

std::optional<ModelFile> model_file(const std::string& path) {
  if (path.empty()) return std::nullopt;
  return ModelFile(path);
}

}  // namespace skarma::cli
