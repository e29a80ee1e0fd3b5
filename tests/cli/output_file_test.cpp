#include <skarma/cli/output_file.hpp>

#include <unistd.h>

#include <stdexcept>

#include <gtest/gtest.h>

#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/temporary_folder.hpp>

namespace skarma::cli {
namespace {

using skarma::test::TemporaryFolder;

TEST(OutputFile, ReplacesTheWholeFile) {
  const TemporaryFolder folder;
  const OutputFile file(folder.write("r.csv", "old and longer"));
  EXPECT_EQ(folder.read("r.csv"), "old and longer");
  file.write("new");
  EXPECT_EQ(folder.read("r.csv"), "new");
  EXPECT_EQ(folder.n_files(), 1u);
}

TEST(OutputFile, NothingIsLeftWithoutAWrite) {
  const TemporaryFolder folder;
  { const OutputFile file(folder.path("r.csv")); }
  EXPECT_EQ(folder.n_files(), 0u);
}

TEST(OutputFile, ALinkStaysALink) {
  const TemporaryFolder folder;
  folder.write("real.csv", "old");
  std::filesystem::create_symlink("real.csv", folder.path("link.csv"));
  OutputFile(folder.path("link.csv")).write("new");
  EXPECT_TRUE(std::filesystem::is_symlink(folder.path("link.csv")));
  EXPECT_EQ(folder.read("real.csv"), "new");
}

TEST(OutputFile, SaysEarlyWhatCannotBeWritten) {
  const TemporaryFolder folder;
  EXPECT_THROW_WITH(OutputFile(folder.path("none/r.csv")), std::runtime_error,
                    "none/r.csv: No such file or directory");
  EXPECT_THROW_WITH(OutputFile(folder.path("")), std::runtime_error, "Is a directory");
  if (geteuid() == 0) GTEST_SKIP() << "root may write anywhere";
  std::filesystem::permissions(
      folder.path(""), std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  EXPECT_THROW_WITH(OutputFile(folder.path("r.csv")), std::runtime_error, "Permission denied");
  std::filesystem::permissions(folder.path(""), std::filesystem::perms::owner_all);
}

TEST(OutputFile, DevicesAreWrittenDirectly) {
  OutputFile("/dev/null").write("text");
  EXPECT_THROW_WITH(OutputFile("/dev/full").write("text"), std::runtime_error, "No space left");
}

}  // namespace
}  // namespace skarma::cli
