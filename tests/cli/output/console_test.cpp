#include <skarma/cli/output/console.hpp>

#include <cerrno>

#include <gtest/gtest.h>

#include <skarma/tests/cli/run_app.hpp>

namespace skarma::cli {
namespace {

TEST(Console, ResultsAndNotesHaveTheirOwnWay) {
  const test::TextSink out;
  const test::TextSink err;
  const Console console{.out = out.file(), .err = err.file()};
  console.print("result\n");
  console.note("note");
  EXPECT_EQ(out.text(), "result\n");
  EXPECT_EQ(err.text(), "note\n");
}

TEST(Console, AFullDiskIsAnError) {
  std::FILE* full = std::fopen("/dev/full", "w");
  ASSERT_NE(full, nullptr);
  const Console console{.out = full, .err = full};
  try {
    console.print("result\n");
    ADD_FAILURE() << "nothing was thrown";
  } catch (const OutputError& error) {
    EXPECT_STREQ(error.what(), "cannot write to standard output: No space left on device");
    EXPECT_FALSE(error.reader_gone());
  }
  console.note("lost, and nobody is hurt");
  std::fclose(full);
  EXPECT_TRUE(OutputError(EPIPE).reader_gone());
}

TEST(PatientPrinter, KeepsAnErrorForTheEnd) {
  std::FILE* full = std::fopen("/dev/full", "w");
  const Console console{.out = full, .err = full};
  PatientPrinter impatient(console, false);
  EXPECT_THROW(impatient.print("text\n"), OutputError);
  PatientPrinter patient(console, true);
  patient.finish();
  patient.print("text\n");
  patient.print("text\n");
  EXPECT_THROW(patient.finish(), OutputError);
  std::fclose(full);
}

}  // namespace
}  // namespace skarma::cli
