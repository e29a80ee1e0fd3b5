#include <skarma/model_selection/grid_expression.hpp>

#include <gtest/gtest.h>

#include <stdexcept>

namespace skarma {
namespace {

using Values = std::vector<ParamValue>;
using Tuple = std::vector<std::int64_t>;

Values values_of(std::string_view text) { return parse_grid_expression(text).second; }

std::string error_of(std::string_view text) {
  try {
    parse_grid_expression(text);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "no error";
}

TEST(GridExpression, ReadsNameAndPlainValues) {
  const auto [name, values] = parse_grid_expression(" alpha = 0.1, 1 ,1e-3");
  EXPECT_EQ(name, "alpha");
  EXPECT_EQ(values, (Values{0.1, std::int64_t{1}, 1e-3}));
}

TEST(GridExpression, ReadsWordsWithAndWithoutQuotes) {
  EXPECT_EQ(values_of("activation=relu,'tanh',\"a,b\""),
            (Values{std::string("relu"), std::string("tanh"), std::string("a,b")}));
  EXPECT_EQ(values_of("shuffle=True,False,None"), (Values{true, false, None{}}));
}

TEST(GridExpression, ReadsListsOfNames) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(values_of("activation=relu,[relu,tanh],('silu', 'relu')"),
            (Values{std::string("relu"), Names{"relu", "tanh"}, Names{"silu", "relu"}}));
}

TEST(GridExpression, LogspaceIsPowersOfTen) {
  EXPECT_EQ(values_of("alpha=logspace(-3,3,7)"),
            (Values{1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0, 1000.0}));
  EXPECT_EQ(values_of("alpha=logspace(2, 5, 1)"), (Values{100.0}));
}

TEST(GridExpression, LinspaceIncludesBothEnds) {
  EXPECT_EQ(values_of("momentum=linspace(0,1,5)"), (Values{0.0, 0.25, 0.5, 0.75, 1.0}));
  // numpy.linspace(0.1, 0.9, 4).tolist()
  EXPECT_EQ(values_of("momentum=linspace(0.1,0.9,4)"),
            (Values{0.1, 0.3666666666666667, 0.6333333333333333, 0.9}));
}

TEST(GridExpression, RangeLeavesOutItsEnd) {
  using I = std::int64_t;
  EXPECT_EQ(values_of("max_iter=range(1,4)"), (Values{I{1}, I{2}, I{3}}));
  EXPECT_EQ(values_of("max_iter=range(10,0,-4)"), (Values{I{10}, I{6}, I{2}}));
  EXPECT_EQ(values_of("x=range(9223372036854775806,9223372036854775807)"),
            (Values{I{9223372036854775806}}));
  EXPECT_EQ(values_of("x=range(-9223372036854775807,9223372036854775807,9223372036854775807)"),
            (Values{I{-9223372036854775807}, I{0}}));
}

TEST(GridExpression, ReadsTuplesAndMixtures) {
  EXPECT_EQ(values_of("hidden_layer_sizes=(100,),(50, 50),[10],()"),
            (Values{Tuple{100}, Tuple{50, 50}, Tuple{10}, Tuple{}}));
  EXPECT_EQ(values_of("alpha=logspace(0,1,2),7"), (Values{1.0, 10.0, std::int64_t{7}}));
}

TEST(GridExpression, SaysWhatIsWrong) {
  EXPECT_EQ(error_of("alpha"),
            "Grid 'alpha': write NAME=VALUES, such as alpha=0.01,0.1 or alpha=logspace(-3,3,7).");
  EXPECT_EQ(error_of("alpha="), "Grid 'alpha=': there is an empty value.");
  EXPECT_EQ(error_of("alpha=1,,2"), "Grid 'alpha=1,,2': there is an empty value.");
  EXPECT_EQ(error_of("a=(1,2"), "Grid 'a=(1,2': a bracket is not closed.");
  EXPECT_EQ(error_of("a=1)"), "Grid 'a=1)': there is a ')' too many.");
  EXPECT_EQ(error_of("a='x"), "Grid 'a='x': a ' is not closed.");
  EXPECT_EQ(error_of("a=logspce(1,2,3)"),
            "Grid 'a=logspce(1,2,3)': there is no function 'logspce'; use logspace, linspace or "
            "range. Did you mean 'logspace'?");
  EXPECT_EQ(error_of("a=logspace(1,2)"),
            "Grid 'a=logspace(1,2)': logspace is called with three numbers, logspace(A,B,N).");
  EXPECT_EQ(error_of("a=logspace(1,b,3)"),
            "Grid 'a=logspace(1,b,3)': logspace needs numbers, not 'b'.");
  EXPECT_EQ(error_of("a=linspace(0,1,0)"),
            "Grid 'a=linspace(0,1,0)': linspace can make 1 to 100000 values, not 0.");
  EXPECT_EQ(error_of("a=linspace(0,1,2.5)"),
            "Grid 'a=linspace(0,1,2.5)': linspace needs a whole number, not 2.5.");
  EXPECT_EQ(error_of("a=logspace(0,400,2)"),
            "Grid 'a=logspace(0,400,2)': a value is beyond the range of a double.");
  EXPECT_EQ(error_of("a=range(3,3)"), "Grid 'a=range(3,3)': this range is empty.");
  EXPECT_EQ(error_of("a=range(0,9,0)"), "Grid 'a=range(0,9,0)': the step of range cannot be 0.");
  EXPECT_EQ(error_of("a=range(0,9000000)"),
            "Grid 'a=range(0,9000000)': range can make 1 to 100000 values.");
  EXPECT_EQ(error_of("a=(1,x)"), "Grid 'a=(1,x)': 'x' is not a number.");
}

}  // namespace
}  // namespace skarma
