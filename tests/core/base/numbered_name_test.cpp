#include <skarma/core/base/numbered_name.hpp>

#include <gtest/gtest.h>

namespace skarma {
namespace {

TEST(NumberedName, HasANumber) {
  EXPECT_EQ(number_in("cuda:0", "cuda:N"), 0);
  EXPECT_EQ(number_in("cuda:12", "cuda:N"), 12);
  EXPECT_EQ(number_in("cuda:2147483647", "cuda:N"), 2147483647);
}

TEST(NumberedName, HasNothingElse) {
  for (const char* word :
       {"", "cuda", "cuda:", "cuda:-1", "cuda:+1", "cuda:x", "cuda:1x", "cuda: 1", "cuda:N",
        "cuda:01", "cuda:00", "cuda:2147483648", "CUDA:1", "cuda1"}) {
    EXPECT_EQ(number_in(word, "cuda:N"), std::nullopt) << word;
  }
  EXPECT_EQ(number_in("cuda:1", "cuda"), std::nullopt);
  EXPECT_EQ(number_in("cuda:1", "cuda:1"), std::nullopt);
}

}  // namespace
}  // namespace skarma
