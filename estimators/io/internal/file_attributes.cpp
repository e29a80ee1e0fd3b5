#include <skarma/estimators/io/internal/file_attributes.hpp>

#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <string>

namespace skarma {
namespace {

constexpr char kAccessList[] = "system.posix_acl_access";
constexpr mode_t kGroup = 070;
constexpr int kGroupShift = 3;

/// The access list as the kernel keeps it; empty: there is none but the modes.
std::string access_list_of(int file) {
  std::string list(1 << 16, '\0');  // the longest value that Linux knows
  const ssize_t size = fgetxattr(file, kAccessList, list.data(), list.size());
  list.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return list;
}

/// The owner and the group, or the group alone. Returns whether the group is the other's now.
bool take_owner(int file, const struct stat& from) {
  return fchown(file, from.st_uid, from.st_gid) == 0 ||
         fchown(file, static_cast<uid_t>(-1), from.st_gid) == 0;
}

}  // namespace

void take_attributes(int file, int from) {
  struct stat theirs {};
  struct stat own {};
  if (fstat(from, &theirs) != 0 || fstat(file, &own) != 0) return;
  const bool same_group = take_owner(file, theirs) || own.st_gid == theirs.st_gid;
  // Another group gets no more than everybody.
  const mode_t others = (theirs.st_mode & 07U) << kGroupShift;
  mode_t mode = theirs.st_mode & 0777U;
  if (!same_group) mode = (mode & ~kGroup) | (mode & others);

  const std::string list = same_group ? access_list_of(from) : std::string();
  // A new file may have one from its folder.
  fremovexattr(file, kAccessList);
  fchmod(file, mode);
  if (!list.empty()) fsetxattr(file, kAccessList, list.data(), list.size(), 0);
}

}  // namespace skarma
