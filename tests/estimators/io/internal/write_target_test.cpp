#include <skarma/estimators/io/internal/write_target.hpp>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <skarma/estimators/io/file_error.hpp>
#include <skarma/estimators/io/replace_file.hpp>
#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/temporary_folder.hpp>

namespace skarma {
namespace {

namespace fs = std::filesystem;
using test::TemporaryFolder;

TEST(WriteTarget, LinksAreWrittenThrough) {
  const TemporaryFolder folder;
  fs::create_directory(folder.path("d"));
  folder.write("d/real", "old");
  fs::create_symlink("d/real", folder.path("link"));
  fs::create_symlink(folder.path("link"), folder.path("link_to_link"));
  fs::create_symlink("../link_to_link", folder.path("d/back"));
  for (const char* name : {"link", "link_to_link", "d/back"}) {
    check_replaceable(folder.path(name));
    replace_file(folder.path(name), name);
    EXPECT_TRUE(fs::is_symlink(folder.path(name))) << name;
    EXPECT_EQ(folder.read("d/real"), name);
  }
  EXPECT_FALSE(fs::is_symlink(folder.path("d/real")));
  EXPECT_EQ(folder.n_files(), 3U);
}

TEST(WriteTarget, ALinkToNothingGetsItsFile) {
  const TemporaryFolder folder;
  fs::create_directory(folder.path("d"));
  fs::create_symlink("d/new", folder.path("link"));
  check_replaceable(folder.path("link"));
  EXPECT_FALSE(fs::exists(folder.path("d/new")));
  replace_file(folder.path("link"), "x");
  EXPECT_TRUE(fs::is_symlink(folder.path("link")));
  EXPECT_EQ(folder.read("d/new"), "x");
  fs::create_symlink("none/new", folder.path("lost"));
  EXPECT_THROW_WITH(check_replaceable(folder.path("lost")), FileError, "lost: No such file");
}

TEST(WriteTarget, LinksInACircleAreAnError) {
  const TemporaryFolder folder;
  fs::create_symlink("b", folder.path("a"));
  fs::create_symlink("a", folder.path("b"));
  EXPECT_THROW_WITH(check_replaceable(folder.path("a")), FileError, "Too many levels");
  EXPECT_THROW_WITH(replace_file(folder.path("a"), "x"), FileError, "Too many levels");
}

TEST(WriteTarget, OnlyARegularFileIsReplaced) {
  const TemporaryFolder folder;
  ASSERT_EQ(mkfifo(folder.path("pipe").c_str(), 0600), 0);
  const int server = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, folder.path("socket").c_str(), sizeof address.sun_path - 1);
  ASSERT_EQ(bind(server, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ::close(server);
  fs::create_symlink("/dev/null", folder.path("link"));
  const std::vector<std::pair<std::string, std::string>> cases = {
      {folder.path("pipe"), "pipe: it is a pipe, not a regular file."},
      {folder.path("socket"), "socket: it is a socket, not a regular file."},
      {folder.path("link"), "link: it is a device, not a regular file."},
      {"/dev/null", "/dev/null: it is a device, not a regular file."},
  };
  for (const auto& [path, message] : cases) {
    EXPECT_THROW_WITH(check_replaceable(path), FileError, message);
    EXPECT_THROW_WITH(replace_file(path, "x"), FileError, message);
  }
  EXPECT_THROW_WITH(check_output(folder.path("socket")), FileError, "it is a socket");
  EXPECT_TRUE(fs::is_fifo(folder.path("pipe")));
  EXPECT_TRUE(fs::is_socket(folder.path("socket")));
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  EXPECT_EQ(folder.n_files(), 3U);
}

}  // namespace
}  // namespace skarma
