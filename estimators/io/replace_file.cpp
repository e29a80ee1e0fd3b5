#include <skarma/estimators/io/replace_file.hpp>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include <skarma/estimators/io/file_error.hpp>
#include <skarma/estimators/io/internal/file_attributes.hpp>
#include <skarma/estimators/io/internal/temporary_file.hpp>
#include <skarma/estimators/io/internal/write_target.hpp>

namespace skarma {
namespace {

namespace fs = std::filesystem;

void write_all(const WriteTarget& target, int descriptor, std::string_view content) {
  while (!content.empty()) {
    const ssize_t n = write(descriptor, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) target.fail(errno);
    content.remove_prefix(static_cast<std::size_t>(n));
  }
}

/// Some file systems cannot sync, which is no error.
void sync_content(const WriteTarget& target, int descriptor) {
  if (fsync(descriptor) == 0 || errno == EINVAL || errno == EROFS || errno == ENOTSUP) return;
  target.fail(errno);
}

void sync_folder(const WriteTarget& target) {
  const Descriptor folder(openat(target.folder.number(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.is_open()) fsync(folder.number());
}

/// More than this process may write ends it with a signal, unless it is found out before.
void check_file_size_limit(const WriteTarget& target, std::size_t size) {
  rlimit limit{};
  if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && size > limit.rlim_cur) target.fail(EFBIG);
}

/// A regular file that is going to be replaced. Everything that can go wrong without its content
/// goes wrong in the constructor.
class Replacement {
 public:
  explicit Replacement(const WriteTarget& target) : target_(target) {
    check_is_regular(target);
    if (target.there) {
      old_ = Descriptor(open(target.path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
      if (!old_.is_open()) target.fail(errno);
    }
    if (target.has_name) new_.emplace(target);
    if (!can_rename() && !(old_.is_open() && may_overwrite())) target.fail(new_->error());
  }

  void write(std::string_view content) {
    check_file_size_limit(target_, content.size());
    if (!can_rename() || !replaced(content)) overwrite(content);
  }

 private:
  bool can_rename() const { return new_ && new_->is_open(); }

  /// Whether the folder alone is what forbids a new file.
  bool may_overwrite() const {
    return !new_ || new_->error() == EACCES || new_->error() == EPERM || new_->error() == EROFS;
  }

  /// False: nothing can take the file's place. Something is mounted on it, or it is another user's
  /// in a sticky folder.
  bool replaced(std::string_view content) {
    if (old_.is_open()) take_attributes(new_->descriptor(), old_.number());
    write_all(target_, new_->descriptor(), content);
    sync_content(target_, new_->descriptor());
    const int error = new_->become_target();
    if (old_.is_open() && (error == EBUSY || error == EPERM || error == EACCES)) return false;
    if (error != 0) target_.fail(error);
    sync_folder(target_);
    return true;
  }

  void overwrite(std::string_view content) {
    new_.reset();
    const auto size = static_cast<off_t>(content.size());
    // Nothing is lost while there is no room for everything.
    if (size > target_.there->st_size && fallocate(old_.number(), 0, 0, size) != 0 &&
        errno != EOPNOTSUPP) {
      const int error = errno;
      if (ftruncate(old_.number(), target_.there->st_size) != 0) target_.fail(errno);
      target_.fail(error);
    }
    write_all(target_, old_.number(), content);
    if (ftruncate(old_.number(), size) != 0) target_.fail(errno);
    sync_content(target_, old_.number());
  }

  const WriteTarget& target_;
  Descriptor old_;
  std::optional<TemporaryFile> new_;
};

bool is_stream(const WriteTarget& target) {
  return target.there && (S_ISFIFO(target.there->st_mode) || S_ISCHR(target.there->st_mode));
}

}  // namespace

fs::path behind_links(const fs::path& path, std::error_code& error) {
  constexpr int kMostLinks = 40;  // Linux's own limit
  error.clear();
  fs::path next = path;
  for (int n = 0; n <= kMostLinks; ++n) {
    std::error_code ignored;
    if (!fs::is_symlink(fs::symlink_status(next, ignored))) return next;
    const fs::path target = fs::read_symlink(next, error);
    if (error) return path;
    next = next.parent_path() / target;
  }
  error = std::make_error_code(std::errc::too_many_symbolic_link_levels);
  return path;
}

void replace_file(const fs::path& path, std::string_view content) {
  const WriteTarget target = find_target(path);
  Replacement(target).write(content);
}

void check_replaceable(const fs::path& path) {
  const WriteTarget target = find_target(path);
  const Replacement checked(target);
}

void write_output(const fs::path& path, std::string_view content) {
  const WriteTarget target = find_target(path);
  if (!is_stream(target)) return Replacement(target).write(content);
  Descriptor stream(open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
  if (!stream.is_open()) target.fail(errno);
  write_all(target, stream.number(), content);
  if (stream.close() != 0) target.fail(errno);
}

bool check_output(const fs::path& path) {
  const WriteTarget target = find_target(path);
  if (!is_stream(target)) {
    const Replacement checked(target);
    return false;
  }
  if (faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) != 0) target.fail(errno);
  return true;
}

std::string read_file(const fs::path& path) {
  constexpr std::size_t kPiece = 1 << 20;
  const auto fail = [&](int error, const char* problem = "") {
    throw FileError("read", path.string(), error, problem);
  };
  if (path.empty()) throw FileError("read", "''", ENOENT, "the path is empty");
  if (path.native().find('\0') != std::string::npos) fail(EINVAL);
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  struct stat status {};
  if (!file.is_open() || fstat(file.number(), &status) != 0) fail(errno);
  if (S_ISDIR(status.st_mode)) fail(EISDIR);
  if (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode)) {
    fail(EINVAL, "it is a device, not a regular file");
  }
  std::string content;
  std::size_t size = 0;
  for (;;) {
    // One byte more than the file has, so that its end is seen without another piece.
    const auto expected = static_cast<std::size_t>(status.st_size) + 1;
    content.resize(size < expected ? expected : size + std::max(size / 2, kPiece));
    const ssize_t n = read(file.number(), content.data() + size, content.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail(errno);
    size += static_cast<std::size_t>(n);
    if (n == 0) break;
  }
  content.resize(size);
  return content;
}

}  // namespace skarma
