#include <skarma/estimators/replace_file.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <fmt/format.h>

namespace skarma {
namespace {

[[noreturn]] void fail(std::string_view action, const std::filesystem::path& path, int error) {
  throw std::runtime_error(
      fmt::format("Cannot {} {}: {}.", action, path.string(), std::strerror(error)));
}

/// A file that is removed again unless it is kept.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::filesystem::path& target) : target_(target) {
    name_ = target.string() + ".XXXXXX";
    descriptor_ = mkstemp(name_.data());
    if (descriptor_ < 0) fail("write", target_, errno);
  }
  ~TemporaryFile() {
    if (descriptor_ >= 0) close(descriptor_);
    if (!name_.empty()) std::remove(name_.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  void write(std::string_view content) {
    while (!content.empty()) {
      const ssize_t n = ::write(descriptor_, content.data(), content.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) fail("write", target_, errno);
      content.remove_prefix(static_cast<std::size_t>(n));
    }
  }

  void keep() {
    // mkstemp makes files private; a model is as public as the umask says.
    const mode_t mask = umask(0);
    umask(mask);
    fchmod(descriptor_, 0666 & ~mask);
    const int closed = close(descriptor_);
    descriptor_ = -1;
    if (closed != 0) fail("write", target_, errno);
    if (std::rename(name_.c_str(), target_.c_str()) != 0) fail("write", target_, errno);
    name_.clear();
  }

 private:
  std::filesystem::path target_;
  std::string name_;
  int descriptor_;
};

}  // namespace

void replace_file(const std::filesystem::path& path, std::string_view content) {
  TemporaryFile file(path);
  file.write(content);
  file.keep();
}

std::string read_file(const std::filesystem::path& path) {
  if (std::filesystem::is_directory(path)) fail("read", path, EISDIR);
  std::ifstream file(path, std::ios::binary);
  if (!file) fail("read", path, errno);
  std::string content{std::istreambuf_iterator<char>(file), {}};
  if (file.bad()) fail("read", path, EIO);
  return content;
}

}  // namespace skarma
