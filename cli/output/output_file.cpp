#include <skarma/cli/output/output_file.hpp>

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <skarma/cli/usage_error.hpp>
#include <skarma/estimators/io/replace_file.hpp>

namespace skarma::cli {
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
