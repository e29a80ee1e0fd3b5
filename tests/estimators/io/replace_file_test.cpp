#include <skarma/estimators/io/replace_file.hpp>

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <skarma/estimators/io/file_error.hpp>
#include <skarma/tests/support/as_nobody.hpp>
#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/temporary_folder.hpp>

namespace skarma {
namespace {

namespace fs = std::filesystem;
using test::TemporaryFolder;

ino_t inode_of(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

TEST(ReplaceFile, TheNewContentOrTheOld) {
  const TemporaryFolder folder;
  const auto path = folder.write("f", "old");
  replace_file(path, std::string("new\0bytes", 9));
  EXPECT_EQ(read_file(path), std::string("new\0bytes", 9));
  EXPECT_EQ(folder.n_files(), 1U) << "the temporary file is gone";
  replace_file(path, "");
  EXPECT_EQ(read_file(path), "");
}

TEST(ReplaceFile, WhatCannotBeDoneIsNamedAndLeavesNothing) {
  const TemporaryFolder folder;
  fs::create_directory(folder.path("d"));
  folder.write("f", "a file");
  const std::string too_long(256, 'n');
  const std::vector<std::pair<std::string, std::string>> cases = {
      {folder.path("none/f"), "none/f: No such file or directory."},
      {folder.path("d"), "d: Is a directory."},
      {folder.path("new/"), "new/: Is a directory."},
      {folder.path("f/m"), "f/m: Not a directory."},
      {folder.path(too_long), "File name too long."},
      {"", "Cannot write '': the path is empty."},
  };
  for (const auto& [path, message] : cases) {
    EXPECT_THROW_WITH(check_replaceable(path), FileError, message);
    EXPECT_THROW_WITH(replace_file(path, "x"), FileError, message);
    EXPECT_THROW_WITH(check_output(path), FileError, message);
    EXPECT_THROW_WITH(write_output(path, "x"), FileError, message);
  }
  EXPECT_EQ(folder.n_files(), 2U);
}

TEST(ReplaceFile, AnErrorHasTheSystemsNumber) {
  const TemporaryFolder folder;
  try {
    replace_file(folder.path("none/f"), "x");
    FAIL();
  } catch (const FileError& error) {
    EXPECT_EQ(error.code(), std::errc::no_such_file_or_directory);
    EXPECT_EQ(error.path(), folder.path("none/f"));
  }
}

TEST(ReplaceFile, ALookBeforehandLeavesEverythingAsItIs) {
  const TemporaryFolder folder;
  check_replaceable(folder.path("new"));
  check_output(folder.path("new"));
  EXPECT_EQ(folder.n_files(), 0U);
  const auto path = folder.write("old", "content");
  const ino_t inode = inode_of(path);
  check_replaceable(path);
  EXPECT_EQ(folder.read("old"), "content");
  EXPECT_EQ(inode_of(path), inode);
  EXPECT_EQ(folder.n_files(), 1U);
}

// ---- output, which may be a pipe or a device

TEST(ReplaceFileThreads, OutputGoesThroughAPipe) {
  const TemporaryFolder folder;
  const auto pipe = folder.path("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  check_output(pipe);  // without a reader
  const std::string content(300'000, 'c');
  std::string received;
  std::thread reader([&] { received = read_file(pipe); });
  write_output(pipe, content);
  reader.join();
  EXPECT_EQ(received, content);
  EXPECT_TRUE(fs::is_fifo(pipe));
  EXPECT_EQ(folder.n_files(), 1U);
}

TEST(ReplaceFile, TheFileBehindLinksNeedNotBeThere) {
  const TemporaryFolder folder;
  fs::create_symlink("new", folder.path("link"));
  fs::create_symlink("link", folder.path("link_to_link"));
  fs::create_symlink("a", folder.path("a"));
  std::error_code error;
  EXPECT_EQ(behind_links(folder.path("link_to_link"), error), folder.path("new"));
  EXPECT_EQ(behind_links(folder.path("new"), error), folder.path("new"));
  EXPECT_FALSE(error);
  EXPECT_EQ(behind_links(folder.path("a"), error), folder.path("a"));
  EXPECT_EQ(error, std::errc::too_many_symbolic_link_levels);
}

TEST(ReplaceFile, OutputGoesToADevice) {
  EXPECT_TRUE(check_output("/dev/null"));
  write_output("/dev/null", "text");
  EXPECT_THROW_WITH(write_output("/dev/full", "text"), FileError, "No space left on device");
}

TEST(ReplaceFile, OutputReplacesARegularFile) {
  const TemporaryFolder folder;
  folder.write("real", "old and longer");
  fs::create_symlink("real", folder.path("link"));
  EXPECT_FALSE(check_output(folder.path("link")));
  write_output(folder.path("link"), "new");
  EXPECT_EQ(folder.read("real"), "new");
  write_output(folder.path("new"), "x");
  EXPECT_EQ(folder.read("new"), "x");
}

/// As the `>(gzip)` of a shell: a path that stands for one end of a pipe.
TEST(ReplaceFile, OutputGoesIntoAPipeOfTheShell) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const std::string path = "/dev/fd/" + std::to_string(ends[1]);
  check_output(path);
  write_output(path, "text");
  EXPECT_THROW_WITH(replace_file(path, "x"), FileError, "it is a pipe");
  ::close(ends[1]);
  char text[8] = {};
  EXPECT_EQ(read(ends[0], text, sizeof text), 4);
  EXPECT_STREQ(text, "text");
  ::close(ends[0]);
}

// ---- no room

TEST(ReplaceFile, TheLimitOfAFilesSizeIsAnErrorAndNotASignal) {
  const TemporaryFolder folder;
  const auto path = folder.write("f", "old");
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{4096, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  EXPECT_THROW_WITH(replace_file(path, std::string(8192, 'x')), FileError, "File too large");
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_EQ(folder.read("f"), "old");
  EXPECT_EQ(folder.n_files(), 1U);
}

/// Makes this process one that may mount what it alone sees.
bool may_mount() {
  const std::string user = "0 " + std::to_string(geteuid()) + " 1";
  const std::string group = "0 " + std::to_string(getegid()) + " 1";
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
  std::ofstream("/proc/self/setgroups") << "deny";
  return bool(std::ofstream("/proc/self/uid_map") << user << std::flush) &&
         bool(std::ofstream("/proc/self/gid_map") << group << std::flush);
}

bool mount_256_kib(const std::string& path) {
  return may_mount() && mount("none", path.c_str(), "tmpfs", 0, "size=256k,mode=777") == 0;
}

TEST(ReplaceFile, AFullDiskLeavesTheOldFile) {
  const TemporaryFolder folder;
  if (!test::in_child([&] { return mount_256_kib(folder.path("")); })) {
    GTEST_SKIP() << "this system lets nobody mount a small file system";
  }
  EXPECT_TRUE(test::in_child([&] {
    if (!mount_256_kib(folder.path(""))) return false;
    const auto path = folder.write("f", std::string(150'000, 'o'));
    const auto message =
        test::message_of<FileError>([&] { replace_file(path, std::string(1'000'000, 'x')); });
    return test::contains(message, "f: No space left on device.") &&
           folder.read("f") == std::string(150'000, 'o') && folder.n_files() == 1;
  }));
}

/// A file on which another one is mounted, as containers do it, cannot be renamed over.
TEST(ReplaceFile, AMountedFileIsOverwrittenInPlace) {
  const TemporaryFolder folder;
  const auto path = folder.write("f", "below");
  if (!test::in_child(may_mount)) {
    GTEST_SKIP() << "this system lets nobody mount files";
  }
  EXPECT_TRUE(test::in_child([&] {
    const auto other = folder.write("other", "mounted");
    if (!may_mount() || mount(other.c_str(), path.c_str(), nullptr, MS_BIND, nullptr) != 0) {
      return false;
    }
    replace_file(path, "new");
    return read_file(other) == "new" && folder.n_files() == 2;
  }));
  EXPECT_EQ(folder.read("f"), "below");
}

// ---- reading

TEST(ReadFile, WhatCannotBeReadIsNamed) {
  const TemporaryFolder folder;
  EXPECT_THROW_WITH(read_file(folder.path("")), FileError, "Is a directory.");
  EXPECT_THROW_WITH(read_file(folder.path("f")), FileError, "f: No such file or directory.");
  EXPECT_THROW_WITH(read_file(""), FileError, "Cannot read '': the path is empty.");
  EXPECT_THROW_WITH(read_file(std::string("/dev/null\0", 10)), FileError, "Cannot read /dev/null");
  EXPECT_THROW_WITH(read_file("/dev/zero"), FileError, "it is a device, not a regular file.");
}

TEST(ReadFile, TheWholeFile) {
  const TemporaryFolder folder;
  for (const std::size_t size : {0U, 1U, 4096U, 3'000'000U}) {
    const std::string content(size, 'c');
    EXPECT_EQ(read_file(folder.write("f", content)), content);
  }
}

}  // namespace
}  // namespace skarma
