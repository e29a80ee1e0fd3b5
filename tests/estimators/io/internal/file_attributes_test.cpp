#include <skarma/estimators/io/internal/file_attributes.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include <skarma/estimators/io/file_error.hpp>
#include <skarma/estimators/io/replace_file.hpp>
#include <skarma/tests/support/as_nobody.hpp>
#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/temporary_folder.hpp>

namespace skarma {
namespace {

using test::TemporaryFolder;

mode_t mode_of(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 ? status.st_mode & 07777U : 0;
}

/// Sets the umask of the process for a while.
class Umask {
 public:
  explicit Umask(mode_t mask) : old_(umask(mask)) {}
  ~Umask() { umask(old_); }

 private:
  mode_t old_;
};

TEST(FileAttributes, ANewFileIsAsTheUmaskSays) {
  for (const mode_t mask : {0U, 022U, 027U, 077U}) {
    const Umask set(mask);
    const TemporaryFolder folder;
    replace_file(folder.path("f"), "x");
    EXPECT_EQ(mode_of(folder.path("f")), 0666U & ~mask);
  }
}

TEST(FileAttributes, AnOldFileKeepsItsModes) {
  const TemporaryFolder folder;
  const auto path = folder.write("f", "old");
  for (const mode_t mask : {0U, 077U}) {
    const Umask set(mask);
    for (const mode_t mode : {0600U, 0640U, 0664U, 0755U}) {
      ASSERT_EQ(chmod(path.c_str(), mode), 0);
      replace_file(path, "new");
      EXPECT_EQ(mode_of(path), mode);
    }
  }
}

TEST(FileAttributes, AnOldFileKeepsItsOwner) {
  if (geteuid() != 0) GTEST_SKIP() << "only root may give files away";
  const TemporaryFolder folder;
  const auto path = folder.write("f", "old");
  ASSERT_EQ(chown(path.c_str(), 1234, 4321), 0);
  ASSERT_EQ(chmod(path.c_str(), 0640), 0);
  replace_file(path, "new");
  struct stat status {};
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_uid, 1234U);
  EXPECT_EQ(status.st_gid, 4321U);
  EXPECT_EQ(mode_of(path), 0640U);
}

TEST(FileAttributes, AGroupThatCannotBeKeptGetsNoMoreThanEverybody) {
  if (geteuid() != 0) GTEST_SKIP() << "only root may give files away";
  const TemporaryFolder folder;
  ASSERT_EQ(chmod(folder.path("").c_str(), 0777), 0);
  const auto path = folder.write("f", "old");
  ASSERT_EQ(chmod(path.c_str(), 0666), 0);
  ASSERT_EQ(chown(path.c_str(), 65534, 0), 0);
  ASSERT_EQ(chmod(path.c_str(), 0664), 0);
  EXPECT_TRUE(test::as_nobody([&] {
    replace_file(path, "new");
    return mode_of(path) == 0644U;
  }));
}

TEST(FileAttributes, AFileThatForbidsWritingIsNotReplaced) {
  const TemporaryFolder folder;
  ASSERT_EQ(chmod(folder.path("").c_str(), 0777), 0);
  const auto path = folder.write("f", "old");
  ASSERT_EQ(chmod(path.c_str(), 0444), 0);
  EXPECT_TRUE(test::as_nobody([&] {
    return test::contains(test::message_of<FileError>([&] { check_replaceable(path); }),
                          "Permission denied") &&
           test::contains(test::message_of<FileError>([&] { replace_file(path, "x"); }),
                          "Permission denied");
  }));
  EXPECT_EQ(folder.read("f"), "old");
}

TEST(FileAttributes, AWritableFileOfAReadOnlyFolderIsOverwritten) {
  const TemporaryFolder folder;
  const auto path = folder.write("f", "old and longer");
  ASSERT_EQ(chmod(path.c_str(), 0666), 0);
  ASSERT_EQ(chmod(folder.path("").c_str(), 0555), 0);
  EXPECT_TRUE(test::as_nobody([&] {
    check_replaceable(path);
    replace_file(path, "new");
    return read_file(path) == "new" && test::contains(test::message_of<FileError>([&] {
                                                        check_replaceable(folder.path("new"));
                                                      }),
                                                      "new: Permission denied.");
  }));
  ASSERT_EQ(chmod(folder.path("").c_str(), 0755), 0);
  EXPECT_EQ(mode_of(path), 0666U);
  EXPECT_EQ(folder.n_files(), 1U);
}

/// An access list as the kernel keeps it: the user 1234 may read, the owning group may not.
std::string access_list() {
  const struct {
    std::uint32_t version = 2;
    struct {
      std::uint16_t tag, permissions;
      std::uint32_t id;
    } entries[5] = {
        {1, 6, ~0U}, {2, 4, 1234}, {4, 0, ~0U}, {16, 4, ~0U}, {32, 0, ~0U},
    };
  } list;
  std::string bytes(sizeof list, '\0');
  std::memcpy(bytes.data(), &list, sizeof list);
  return bytes;
}

TEST(FileAttributes, AnAccessListIsKept) {
  constexpr char kName[] = "system.posix_acl_access";
  const TemporaryFolder folder;
  const auto path = folder.write("f", "old");
  const std::string list = access_list();
  if (setxattr(path.c_str(), kName, list.data(), list.size(), 0) != 0) {
    GTEST_SKIP() << "the file system has no access lists";
  }
  replace_file(path, "new");
  std::string kept(100, '\0');
  kept.resize(static_cast<std::size_t>(
      std::max<ssize_t>(0, getxattr(path.c_str(), kName, kept.data(), kept.size()))));
  EXPECT_EQ(kept, list);
  EXPECT_EQ(mode_of(path), 0640U) << "what the list allows at most";
}

/// The umask is the process's: a save that sets it, if only for a moment, sets it for all threads.
TEST(FileAttributesThreads, TheUmaskIsLeftAlone) {
  const Umask set(027);
  const TemporaryFolder folder;
  std::atomic<bool> saved = false;
  std::thread saver([&] {
    for (int i = 0; i < 50; ++i) replace_file(folder.path("f"), "x");
    saved = true;
  });
  for (int n = 0; !saved; ++n) {
    const auto file = folder.path(std::to_string(n % 4));
    unlink(file.c_str());
    ::close(open(file.c_str(), O_CREAT | O_EXCL | O_WRONLY, 0666));
    ASSERT_EQ(mode_of(file), 0640U);
  }
  saver.join();
}

}  // namespace
}  // namespace skarma
