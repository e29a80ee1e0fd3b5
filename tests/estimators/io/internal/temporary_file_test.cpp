#include <skarma/estimators/io/internal/temporary_file.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <thread>
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

TEST(TemporaryFile, ALeftoverIsRemovedByTheNextSave) {
  const TemporaryFolder folder;
  folder.write(".f.skarma-0.tmp", "half");
  folder.write(".f.skarma-3.tmp", "half");
  folder.write(".g.skarma-0.tmp", "another file's");
  replace_file(folder.path("f"), "x");
  EXPECT_EQ(folder.read("f"), "x");
  EXPECT_EQ(folder.n_files(), 2U);
  EXPECT_TRUE(fs::exists(folder.path(".g.skarma-0.tmp")));
}

TEST(TemporaryFile, WhatAnotherProcessIsWritingIsLeftAlone) {
  const TemporaryFolder folder;
  const auto held = folder.write(".f.skarma-0.tmp", "half");
  const int other = open(held.c_str(), O_RDWR);
  ASSERT_EQ(flock(other, LOCK_EX), 0);
  replace_file(folder.path("f"), "x");
  EXPECT_EQ(folder.read(".f.skarma-0.tmp"), "half");
  EXPECT_EQ(folder.n_files(), 2U);
  ::close(other);
  replace_file(folder.path("f"), "x");
  EXPECT_EQ(folder.n_files(), 1U);
}

TEST(TemporaryFile, AKilledSaveLeavesNothingThatStays) {
  const TemporaryFolder folder;
  const auto path = folder.path("f");
  const std::string content(1 << 20, 'c');
  for (int round = 0; round < 3; ++round) {
    const pid_t child = fork();
    if (child == 0) {
      for (;;) replace_file(path, content);
    }
    while (!fs::exists(path)) usleep(100);
    usleep(static_cast<useconds_t>(round) * 700);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    EXPECT_EQ(folder.read("f"), content);
    EXPECT_LE(folder.n_files(), 2U);
  }
  replace_file(path, "x");
  EXPECT_EQ(folder.n_files(), 1U);
}

TEST(TemporaryFileThreads, SavesToOnePathAtATime) {
  const TemporaryFolder folder;
  const auto path = folder.path("f");
  std::vector<std::thread> savers;
  for (const char c : {'a', 'b', 'c', 'd'}) {
    savers.emplace_back([&path, content = std::string(5000, c)] {
      for (int i = 0; i < 40; ++i) replace_file(path, content);
    });
  }
  for (auto& saver : savers) saver.join();
  const std::string content = folder.read("f");
  EXPECT_EQ(content, std::string(5000, content.at(0)));
  EXPECT_EQ(folder.n_files(), 1U);
}

TEST(TemporaryFile, TheLongestNamesOfAll) {
  const TemporaryFolder folder;
  std::string accents = "x";
  while (accents.size() < 255) accents += "é";
  ASSERT_EQ(accents.size(), 255U);
  for (const std::string& name : {std::string(255, 'n'), accents}) {
    check_replaceable(folder.path(name));
    replace_file(folder.path(name), name);
    EXPECT_EQ(folder.read(name), name);
  }
  EXPECT_EQ(folder.n_files(), 2U);
}

}  // namespace
}  // namespace skarma
