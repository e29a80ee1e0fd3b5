#include <skarma/estimators/io/internal/temporary_file.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>

#include <fmt/format.h>

namespace skarma {
namespace {

constexpr int kWatched = 8;  // names that are looked through for leftovers at each save

/// `name` cut to a length that leaves room for what is put around it, between two characters of
/// UTF-8.
std::string shortened(const std::string& name, int folder) {
  constexpr std::size_t kAround = 32;
  const long limit = fpathconf(folder, _PC_NAME_MAX);
  const auto longest = static_cast<std::size_t>(limit > 64 ? limit : NAME_MAX) - kAround;
  if (name.size() <= longest) return name;
  std::size_t end = longest;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U) --end;
  return name.substr(0, end);
}

std::string temporary_name(const std::string& short_name, int n) {
  return fmt::format(".{}.skarma-{}.tmp", short_name, n);
}

bool still_has_name(int folder, const std::string& name, int file) {
  struct stat own {};
  return fstat(file, &own) == 0 && S_ISREG(own.st_mode) && is_named(folder, name, own);
}

/// Only who has locked a file may remove or rename it, so that nothing changes between the look at
/// its name and the removal.
void remove_if_abandoned(int folder, const std::string& name) {
  const Descriptor file(
      openat(folder, name.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
  if (!file.is_open() || flock(file.number(), LOCK_EX | LOCK_NB) != 0) return;
  if (still_has_name(folder, name, file.number())) unlinkat(folder, name.c_str(), 0);
}

}  // namespace

TemporaryFile::TemporaryFile(const WriteTarget& target) : target_(target) {
  constexpr int kMostNames = 10'000;
  const int folder = target.folder.number();
  // What an older file keeps to its owner is never open to others on its way.
  const mode_t mode = target.there ? 0600 : 0666;
  const std::string short_name = shortened(target.name, folder);
  for (int n = 0; n < kWatched; ++n) remove_if_abandoned(folder, temporary_name(short_name, n));
  for (int n = 0; n < kMostNames; ++n) {
    name_ = temporary_name(short_name, n);
    file_ = Descriptor(
        openat(folder, name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
    error_ = errno;
    if (!file_.is_open() && error_ != EEXIST) return;
    if (!file_.is_open()) continue;
    // A file system without locks: then leftovers are never removed.
    const bool lost = flock(file_.number(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (!lost && still_has_name(folder, name_, file_.number())) return;
    // Another save took it for a leftover before it was locked, and removes it.
    file_.close();
  }
}

TemporaryFile::~TemporaryFile() {
  if (file_.is_open()) unlinkat(target_.folder.number(), name_.c_str(), 0);
}

int TemporaryFile::become_target() {
  const int folder = target_.folder.number();
  if (renameat(folder, name_.c_str(), folder, target_.name.c_str()) != 0) return errno;
  file_.close();
  return 0;
}

}  // namespace skarma
