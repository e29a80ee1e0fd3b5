#include <skarma/estimators/replace_file.hpp>

#include <gtest/gtest.h>

#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/temporary_folder.hpp>

namespace skarma {
namespace {

TEST(ReplaceFile, TheNewContentOrTheOld) {
  const test::TemporaryFolder folder;
  const auto path = folder.write("f", "old");
  replace_file(path, std::string("new\0bytes", 9));
  EXPECT_EQ(read_file(path), std::string("new\0bytes", 9));
  EXPECT_EQ(folder.n_files(), 1U) << "the temporary file is gone";
  EXPECT_NE(std::filesystem::status(path).permissions() & std::filesystem::perms::owner_write,
            std::filesystem::perms::none);
}

TEST(ReplaceFile, WhatCannotBeDoneIsNamedAndLeavesNothing) {
  const test::TemporaryFolder folder;
  EXPECT_THROW_WITH(replace_file(folder.path("none/f"), "x"), std::runtime_error,
                    "none/f: No such file or directory.");
  std::filesystem::create_directory(folder.path("d"));
  EXPECT_THROW_WITH(replace_file(folder.path("d"), "x"), std::runtime_error, "Is a directory");
  EXPECT_EQ(folder.n_files(), 1U);
  EXPECT_THROW_WITH(read_file(folder.path("d")), std::runtime_error, "Is a directory");
  EXPECT_THROW_WITH(read_file(folder.path("f")), std::runtime_error, "No such file");
}

}  // namespace
}  // namespace skarma
