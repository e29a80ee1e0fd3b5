#include <skarma/cli/wording.hpp>

#include <new>
#include <stdexcept>

#include <gtest/gtest.h>

#include <skarma/core/base/errors.hpp>

namespace skarma::cli {
namespace {

TEST(Wording, OneAndSeveral) {
  EXPECT_EQ(counted(1, "row"), "1 row");
  EXPECT_EQ(counted(0, "row"), "0 rows");
  EXPECT_EQ(counted(1, "class"), "1 class");
  EXPECT_EQ(counted(3, "class"), "3 classes");
}

TEST(Wording, ADozenOfMany) {
  EXPECT_EQ(listed({}), "");
  EXPECT_EQ(listed({"a", "b"}), "a, b");
  EXPECT_EQ(listed(std::vector<std::string>(13, "a")), "a, a, a, a, a, a, a, a, a, a, a, a, ...");
}

TEST(Wording, WordsLoseTheirQuotes) {
  EXPECT_EQ(plain_text(std::string("relu")), "relu");
  EXPECT_EQ(plain_text(0.5), "0.5");
  EXPECT_EQ(plain_text(None{}), "None");
}

TEST(Wording, WantOfMemoryIsSaidInWords) {
  EXPECT_EQ(problem_text(std::bad_alloc()), "there is not enough memory");
  EXPECT_EQ(problem_text(std::bad_array_new_length()), "there is not enough memory");
  EXPECT_EQ(problem_text(OutOfMemory("fewer units take less")), "fewer units take less");
  EXPECT_EQ(problem_text(std::runtime_error("a problem")), "a problem");
}

}  // namespace
}  // namespace skarma::cli
