#include <skarma/cli/output/output_file.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <stdexcept>

#include <gtest/gtest.h>

#include <skarma/cli/usage_error.hpp>
#include <skarma/tests/cli/run_app.hpp>
#include <skarma/tests/support/as_nobody.hpp>
#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/temporary_folder.hpp>

namespace skarma::cli {
namespace {

using skarma::test::TemporaryFolder;

void write_to(const OutputFile& file, std::string_view text) {
  const test::TextSink out;
  file.write(text, {.out = out.file(), .err = out.file()});
  EXPECT_EQ(out.text(), "");
}

TEST(OutputFile, ReplacesTheWholeFile) {
  const TemporaryFolder folder;
  const OutputFile file(folder.write("r.csv", "old and longer"));
  EXPECT_EQ(folder.read("r.csv"), "old and longer");
  write_to(file, "new");
  EXPECT_EQ(folder.read("r.csv"), "new");
  EXPECT_EQ(folder.n_files(), 1u);
}

TEST(OutputFile, NothingIsLeftWithoutAWrite) {
  const TemporaryFolder folder;
  { const OutputFile file(folder.path("r.csv")); }
  EXPECT_EQ(folder.n_files(), 0u);
}

TEST(OutputFile, StandardOutputHasSeveralNames) {
  for (const char* name : {"-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"}) {
    const test::TextSink out;
    const OutputFile file(name);
    EXPECT_TRUE(file.is_stream());
    file.write("text", {.out = out.file(), .err = out.file()});
    EXPECT_EQ(out.text(), "text") << name;
  }
}

TEST(OutputFile, SaysEarlyWhatCannotBeWritten) {
  const TemporaryFolder folder;
  EXPECT_THROW_WITH(OutputFile(folder.path("none/r.csv")), std::runtime_error,
                    "none/r.csv: No such file or directory");
  EXPECT_THROW_WITH(OutputFile(folder.path("")), std::runtime_error, "Is a directory");
  EXPECT_THROW_WITH(OutputFile(folder.path(std::string(300, 'a'))), std::runtime_error, "too long");
  using std::filesystem::perms;
  std::filesystem::permissions(folder.path(""),
                               perms::owner_read | perms::owner_exec | perms::others_exec);
  EXPECT_TRUE(skarma::test::as_nobody([&] {
    try {
      const OutputFile file(folder.path("r.csv"));
    } catch (const std::runtime_error& error) {
      return skarma::test::contains(error.what(), "Permission denied");
    }
    return false;
  }));
  std::filesystem::permissions(folder.path(""), perms::owner_all);
}

TEST(OutputFile, DevicesAndPipesAreWrittenAsTheyAre) {
  write_to(OutputFile("/dev/null"), "text");
  EXPECT_THROW_WITH(write_to(OutputFile("/dev/full"), "text"), std::runtime_error, "No space left");
  const TemporaryFolder folder;
  const std::string path = folder.path("pipe");
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  const int reader = open(path.c_str(), O_RDONLY | O_NONBLOCK);
  const OutputFile file(path);
  EXPECT_TRUE(file.is_stream());
  write_to(file, "text");
  char buffer[8] = {};
  EXPECT_EQ(read(reader, buffer, sizeof buffer), 4);
  EXPECT_STREQ(buffer, "text");
  close(reader);
  EXPECT_TRUE(std::filesystem::is_fifo(path));
}

TEST(ModelFile, IsARegularFile) {
  const TemporaryFolder folder;
  ModelFile(folder.path("m")).write("model");
  EXPECT_EQ(folder.read("m"), "model");
  EXPECT_THROW_WITH(ModelFile("/dev/null"), std::runtime_error, "/dev/null");
  EXPECT_THROW_WITH(ModelFile("-"), UsageError, "a model does not go to standard output");
  EXPECT_FALSE(model_file("").has_value());
}

TEST(ModelFile, OneThatWasInterruptedGoesBesideIt) {
  const TemporaryFolder folder;
  const ModelFile file(folder.write("m", "good"));
  file.for_interrupted().write("half");
  EXPECT_EQ(folder.read("m"), "good");
  EXPECT_EQ(folder.read("m.interrupted"), "half");
}

}  // namespace
}  // namespace skarma::cli
