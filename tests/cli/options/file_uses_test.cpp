#include <skarma/cli/options/file_uses.hpp>

#include <filesystem>

#include <gtest/gtest.h>

#include <skarma/cli/usage_error.hpp>
#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/temporary_folder.hpp>

namespace skarma::cli {
namespace {

using skarma::test::TemporaryFolder;

/// Whether a file may be written when another one is read.
bool may_write(const std::string& written, const std::string& read) {
  FileUses uses;
  uses.reads("FILE", read);
  try {
    uses.writes("--output", written);
  } catch (const UsageError&) {
    return false;
  }
  return true;
}

TEST(FileUses, WhateverNameLeadsThere) {
  const TemporaryFolder folder;
  const std::string path = folder.write("a.csv", "1\n");
  std::filesystem::create_symlink("a.csv", folder.path("link.csv"));
  std::filesystem::create_hard_link(path, folder.path("hard.csv"));
  std::filesystem::create_directory(folder.path("sub"));
  for (const char* name : {"a.csv", "link.csv", "hard.csv", "./a.csv", "sub/../a.csv"}) {
    EXPECT_FALSE(may_write(folder.path(name), path)) << name;
    EXPECT_FALSE(may_write(path, folder.path(name))) << name;
  }
  EXPECT_TRUE(may_write(folder.path("b.csv"), path));
  EXPECT_TRUE(may_write("/dev/null", "/dev/null"));
}

TEST(FileUses, AFileThatIsYetToCome) {
  const TemporaryFolder folder;
  std::filesystem::create_symlink("new.csv", folder.path("link.csv"));
  FileUses uses;
  uses.writes("--output", folder.path("new.csv"));
  for (const char* name : {"new.csv", "./new.csv", "link.csv"}) {
    EXPECT_THROW_WITH(uses.writes("--save-model", folder.path(name)), UsageError,
                      "is the same file as --output");
  }
  uses.writes("--save-model", folder.path("other.csv"));
}

TEST(FileUses, ReadingTwiceIsNoHarm) {
  const TemporaryFolder folder;
  const std::string path = folder.write("a.csv", "1\n");
  FileUses uses;
  uses.reads("MODEL", path);
  uses.reads("FILE", path);
  uses.writes("--output", "");
  EXPECT_THROW_WITH(uses.writes("--output", path), UsageError, "the same file as MODEL");
}

}  // namespace
}  // namespace skarma::cli
