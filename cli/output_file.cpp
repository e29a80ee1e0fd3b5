#include <skarma/cli/output_file.hpp>

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <fmt/format.h>

#include <skarma/estimators/replace_file.hpp>

namespace skarma::cli {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& path, int code) {
  throw std::runtime_error(fmt::format("Cannot write {}: {}.", path, std::strerror(code)));
}

void check_writable(const std::string& path, const std::string& what) {
  if (access(what.c_str(), W_OK) != 0) fail(path, errno);
}

}  // namespace

OutputFile::OutputFile(std::string path) : path_(std::move(path)) {
  std::error_code ignored;
  const auto status = fs::status(path_, ignored);
  if (fs::is_directory(status)) fail(path_, EISDIR);
  if (fs::exists(status)) {
    check_writable(path_, path_);
    is_device_ = !fs::is_regular_file(status);
    // Through links, so that the file that they point to is replaced and not they.
    path_ = fs::canonical(path_).string();
  }
  if (is_device_) return;
  const std::string folder = fs::path(path_).parent_path().string();
  check_writable(path_, folder.empty() ? "." : folder);
}

void OutputFile::write(std::string_view text) const {
  if (!is_device_) return replace_file(path_, text);
  errno = 0;
  std::ofstream file(path_, std::ios::binary);
  file.write(text.data(), static_cast<std::streamsize>(text.size())).flush();
  if (!file) fail(path_, errno);
}

std::optional<OutputFile> model_file(const std::string& path) {
  if (path.empty()) return std::nullopt;
  return OutputFile(path);
}

}  // namespace skarma::cli
