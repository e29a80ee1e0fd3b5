#include <skarma/model_selection/parameter_grid.hpp>

#include <gtest/gtest.h>

#include <stdexcept>

namespace skarma {
namespace {

std::string shown(const ParamSet& set) {
  std::string text;
  for (const auto& [name, value] : set) text += name + "=" + to_text(value) + " ";
  return text;
}

std::vector<std::string> shown(const ParameterGrid& grid) {
  std::vector<std::string> all;
  for (const ParamSet& candidate : grid.candidates()) all.push_back(shown(candidate));
  return all;
}

// The expected orders are those of sklearn.model_selection.ParameterGrid.
TEST(ParameterGrid, SortsNamesAndVariesTheLastOneFastest) {
  const ParameterGrid grid(
      ParamGrid{{"solver", {std::string("sgd"), std::string("adam")}}, {"alpha", {0.1, 0.2}}});
  EXPECT_EQ(shown(grid),
            (std::vector<std::string>{"alpha=0.1 solver='sgd' ", "alpha=0.1 solver='adam' ",
                                      "alpha=0.2 solver='sgd' ", "alpha=0.2 solver='adam' "}));
}

TEST(ParameterGrid, SortsAsPythonSortsStrings) {
  const ParameterGrid grid(ParamGrid{{"b", {1.0}}, {"B", {2.0}}, {"a_", {3.0}}, {"a", {4.0}}});
  EXPECT_EQ(shown(grid), std::vector<std::string>{"B=2.0 a=4.0 a_=3.0 b=1.0 "});
}

TEST(ParameterGrid, ConcatenatesGrids) {
  const ParameterGrid grid(std::vector<ParamGrid>{{{"a", {1.0, 2.0}}}, {}, {{"b", {3.0}}}});
  EXPECT_EQ(shown(grid), (std::vector<std::string>{"a=1.0 ", "a=2.0 ", "", "b=3.0 "}));
}

TEST(ParameterGrid, ACandidateIsMadeFromItsNumber) {
  const ParameterGrid grid(std::vector<ParamGrid>{
      {{"a", {1.0, 2.0}}, {"b", {1.0, 2.0, 3.0}}, {"c", {1.0, 2.0}}}, {}, {{"b", {3.0}}}});
  const auto all = grid.candidates();
  ASSERT_EQ(grid.size(), 14u);
  ASSERT_EQ(all.size(), 14u);
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(grid[i], all[i]) << i;
  EXPECT_EQ(shown(all[7]), "a=2.0 b=1.0 c=2.0 ");
  EXPECT_THROW(grid[14], std::logic_error);
}

TEST(ParameterGrid, OfNoGridsHasNoCandidates) {
  const ParameterGrid grid(std::vector<ParamGrid>{});
  EXPECT_EQ(grid.size(), 0u);
  EXPECT_TRUE(grid.candidates().empty());
}

/// Only its values are kept: 2^60 candidates are no trouble, 2^64 cannot be counted.
TEST(ParameterGrid, MayHaveMoreCandidatesThanThereIsMemoryFor) {
  const std::vector<ParamValue> values(std::size_t{1} << 12, 1.0);
  ParamGrid grid{{"a", values}, {"b", values}, {"c", values}, {"d", values}, {"e", values}};
  EXPECT_EQ(ParameterGrid(grid).size(), std::size_t{1} << 60);
  EXPECT_EQ(ParameterGrid(grid)[(std::size_t{1} << 60) - 1].size(), 5u);
  EXPECT_THROW(ParameterGrid(std::vector<ParamGrid>(16, grid)), std::invalid_argument);
  grid.emplace_back("f", std::vector<ParamValue>(16, 1.0));
  EXPECT_THROW(ParameterGrid{grid}, std::invalid_argument);
}

TEST(ParameterGrid, AnEmptyGridIsOneCandidate) {
  EXPECT_EQ(ParameterGrid(ParamGrid{}).candidates(), std::vector<ParamSet>{{}});
}

TEST(ParameterGrid, RefusesMissingValuesAndRepeatedNames) {
  EXPECT_THROW(ParameterGrid(ParamGrid{{"alpha", {}}}), std::invalid_argument);
  EXPECT_THROW(ParameterGrid(ParamGrid{{"alpha", {1.0}}, {"alpha", {2.0}}}), std::invalid_argument);
}

}  // namespace
}  // namespace skarma
