#include <skarma/cli/input/byte_source.hpp>

#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <skarma/cli/input/nearest_file.hpp>
#include <skarma/core/base/errors.hpp>

namespace skarma::cli {
namespace {

gzFile as_gz(void* file) { return static_cast<gzFile>(file); }

}  // namespace

void ByteSource::Closer::operator()(void* file) const { gzclose_r(as_gz(file)); }

ByteSource::ByteSource(const std::string& path) : path_(path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    throw DataError(path_, 0, 0, "is a directory, not a file");
  }
  errno = 0;
  file_.reset(path == "-" ? gzdopen(dup(STDIN_FILENO), "rb") : gzopen(path.c_str(), "rb"));
  if (file_ != nullptr) return;
  const int code = errno != 0 ? errno : ENOMEM;
  throw DataError(path_, 0, 0,
                  std::strerror(code) + (code == ENOENT ? "." + did_you_mean_file(path_) : ""));
}

std::size_t ByteSource::read(std::span<char> buffer) {
  errno = 0;
  const int n = gzread(as_gz(file_.get()), buffer.data(), static_cast<unsigned>(buffer.size()));
  int code = Z_OK;
  const char* problem = gzerror(as_gz(file_.get()), &code);
  if (n > 0) return static_cast<std::size_t>(n);
  if (code == Z_OK || (n == 0 && code == Z_STREAM_END)) return 0;
  if (code == Z_BUF_ERROR) throw DataError(path_, 0, 0, "the compressed data end too early");
  if (code == Z_ERRNO) throw DataError(path_, 0, 0, std::strerror(errno));
  throw DataError(path_, 0, 0, std::string("the compressed data are damaged: ") + problem);
}

}  // namespace skarma::cli
