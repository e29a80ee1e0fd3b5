#include <skarma/model_selection/param_sets.hpp>

#include <algorithm>
#include <stdexcept>

#include <gtest/gtest.h>

namespace skarma {
namespace {

const ParameterGrid& alphas() {
  static const ParameterGrid grid(ParamGrid{{"alpha", {1.0, 2.0, 3.0, 4.0}}});
  return grid;
}

std::vector<ParamSet> written_out(const ParamSets& sets) { return {sets.begin(), sets.end()}; }

TEST(ParamSets, AreThoseOfAGridOrOfAList) {
  EXPECT_EQ(written_out(alphas()), alphas().candidates());
  EXPECT_EQ(written_out(alphas().candidates()), alphas().candidates());
  const ParamSets listed{{{"b", 1.0}, {"a", 2.0}}, {}};
  ASSERT_EQ(listed.size(), 2u);
  EXPECT_EQ(listed[0], (ParamSet{{"b", 1.0}, {"a", 2.0}}));
  EXPECT_TRUE(ParamSets().empty());
  EXPECT_THROW(ParamSets()[0], std::logic_error);
}

TEST(ParamSets, OfAGridOutliveIt) {
  ParamSets sets;
  {
    const ParameterGrid grid(ParamGrid{{"alpha", {5.0}}});
    sets = grid;
  }
  EXPECT_EQ(sets[0], (ParamSet{{"alpha", 5.0}}));
}

TEST(ParamSets, SomeMayBeChosen) {
  const ParamSets some = ParamSets(alphas()).chosen({3, 1, 2});
  EXPECT_EQ(some.size(), 3u);
  EXPECT_EQ(some[0], alphas()[3]);
  EXPECT_EQ(written_out(some.chosen({2, 0})), (std::vector<ParamSet>{alphas()[2], alphas()[3]}));
  EXPECT_TRUE(some.chosen({}).empty());
  EXPECT_THROW(some.chosen({3}), std::logic_error);
  EXPECT_THROW(some[3], std::logic_error);
}

TEST(ParamSets, AreFoundByTheirPlace) {
  const ParamSets sets = alphas();
  EXPECT_EQ(std::find(sets.begin(), sets.end(), alphas()[2]) - sets.begin(), 2);
}

}  // namespace
}  // namespace skarma
