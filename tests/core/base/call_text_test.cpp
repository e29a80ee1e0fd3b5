#include <skarma/core/base/call_text.hpp>

#include <gtest/gtest.h>

namespace skarma {
namespace {

std::string written(const CallText& call) {
  std::string text = call.name;
  for (const auto& [name, value] : call.arguments) {
    text += " " + name + "=" + std::to_string(value);
  }
  return text;
}

TEST(CallText, IsANameWithNumbers) {
  EXPECT_EQ(written(*parse_call("cosine")), "cosine");
  EXPECT_EQ(written(*parse_call("leaky_relu(0.25)")), "leaky_relu =0.250000");
  EXPECT_EQ(written(*parse_call("cosine(warmup=5, restarts = 2)")),
            "cosine warmup=5.000000 restarts=2.000000");
  EXPECT_EQ(written(*parse_call("step(5,8,factor=5e-1)")),
            "step =5.000000 =8.000000 factor=0.500000");
  EXPECT_EQ(written(*parse_call("f( -1 )")), "f =-1.000000");
}

TEST(CallText, IsNothingElse) {
  for (const char* text : {"",       "(5)",   "f(",      "f)",       "f()",   "f(a)",    "f(a=)",
                           "f(=1)",  "f(1,)", "f(1 2)",  "f(1) ",    " f(1)", "f(1)(2)", "f(a b=1)",
                           "f(1=2)", "5(1)",  "f(0x10)", "f(1e999)", "f,g",   "f(1"}) {
    EXPECT_FALSE(parse_call(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace skarma
