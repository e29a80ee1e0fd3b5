#include <skarma/estimators/io/internal/write_target.hpp>

#include <fcntl.h>

#include <cerrno>

#include <fmt/format.h>

#include <skarma/estimators/io/file_error.hpp>
#include <skarma/estimators/io/replace_file.hpp>

namespace skarma {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void cannot_write(const fs::path& path, int error, const std::string& problem = "") {
  throw FileError("write", path.string(), error, problem);
}

/// Nothing where nothing is there.
std::optional<struct stat> status_of(const fs::path& path) {
  struct stat found {};
  if (stat(path.c_str(), &found) == 0) return found;
  if (errno != ENOENT) cannot_write(path, errno);
  return std::nullopt;
}

const char* kind_of(mode_t mode) {
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

}  // namespace

void WriteTarget::fail(int error, const std::string& problem) const {
  skarma::cannot_write(path, error, problem);
}

bool is_named(int folder, const std::string& name, const struct stat& file) {
  struct stat found {};
  return fstatat(folder, name.c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0 &&
         found.st_dev == file.st_dev && found.st_ino == file.st_ino;
}

WriteTarget find_target(const fs::path& path) {
  if (path.empty()) cannot_write("''", ENOENT, "the path is empty");
  if (path.native().find('\0') != std::string::npos) cannot_write(path, EINVAL);
  WriteTarget target{path, Descriptor(), "", status_of(path)};
  if (target.there && S_ISDIR(target.there->st_mode)) cannot_write(path, EISDIR);
  if (target.there && !S_ISREG(target.there->st_mode)) return target;

  std::error_code error;
  const fs::path file = behind_links(path, error);
  if (error) cannot_write(path, error.value());
  target.name = file.filename().string();
  if (target.name.empty()) cannot_write(path, EISDIR);
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  target.folder = Descriptor(open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (target.folder.is_open()) {
    target.has_name = !target.there || is_named(target.folder.number(), target.name, *target.there);
  } else if (target.there) {
    target.has_name = false;
  } else {
    cannot_write(path, errno);
  }
  return target;
}

void check_is_regular(const WriteTarget& target) {
  if (!target.there || S_ISREG(target.there->st_mode)) return;
  target.fail(EINVAL, fmt::format("it is {}, not a regular file", kind_of(target.there->st_mode)));
}

}  // namespace skarma
