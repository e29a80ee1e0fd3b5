#include <skarma/estimators/params/domain.hpp>

#include <cmath>

#include <gtest/gtest.h>

#include <skarma/tests/support/special_values.hpp>

namespace skarma {
namespace {

using test::kInfinity;

ParamValue whole(std::int64_t v) { return v; }
ParamValue word(const char* v) { return std::string(v); }

TEST(Domain, RealsTakeWholeNumbersButNoNaNAndNoInfinity) {
  const Domain d = domains::real(0);
  EXPECT_TRUE(d.contains(0.0) && d.contains(1e300) && d.contains(whole(3)) && d.contains(true));
  EXPECT_FALSE(d.contains(-1e-300) || d.contains(std::nan("")) || d.contains(kInfinity));
  EXPECT_FALSE(d.contains(word("0.5")) || d.contains(ParamValue()));
  EXPECT_EQ(d.description(), "a float in the range [0.0, inf)");
}

TEST(Domain, EndsOfIntervals) {
  EXPECT_FALSE(domains::positive_real().contains(0.0));
  EXPECT_TRUE(domains::positive_real().contains(5e-324));
  EXPECT_TRUE(domains::fraction(true).contains(1.0));
  EXPECT_FALSE(domains::fraction(false).contains(1.0));
  EXPECT_TRUE(domains::fraction(false).contains(0.0));
  EXPECT_EQ(domains::positive_real().description(), "a float in the range (0.0, inf)");
  EXPECT_EQ(domains::fraction(true).description(), "a float in the range [0.0, 1.0]");
  EXPECT_EQ(domains::fraction(false).description(), "a float in the range [0.0, 1.0)");
}

TEST(Domain, IntegersAreWholeAndBooleansCountAsNumbers) {
  const Domain d = domains::integer(1);
  EXPECT_TRUE(d.contains(whole(1)) && d.contains(true));
  EXPECT_FALSE(d.contains(whole(0)) || d.contains(false) || d.contains(2.0) ||
               d.contains(word("1")));
  EXPECT_EQ(d.description(), "an int in the range [1, inf)");
}

TEST(Domain, WordsAndInfinityBesideTheIntegers) {
  Domain batch = domains::integer(1);
  batch.names = {"auto"};
  EXPECT_TRUE(batch.contains(word("auto")));
  EXPECT_FALSE(batch.contains(word("all")) || batch.contains(kInfinity));
  EXPECT_EQ(batch.description(), "a str among {'auto'} or an int in the range [1, inf)");
  Domain patience = domains::integer(1);
  patience.infinity = true;
  EXPECT_TRUE(patience.contains(kInfinity));
  EXPECT_FALSE(patience.contains(-kInfinity) || patience.contains(2.5));
  EXPECT_EQ(patience.description(), "an int in the range [1, inf) or a float among {inf}");
}

TEST(Domain, BooleansAreNoNumbers) {
  EXPECT_TRUE(domains::boolean().contains(true));
  EXPECT_FALSE(domains::boolean().contains(whole(1)) || domains::boolean().contains(0.0));
  EXPECT_EQ(domains::boolean().description(), "an instance of 'bool'");
}

TEST(Domain, Names) {
  const Domain d = domains::name({"lbfgs", "sgd"});
  EXPECT_TRUE(d.contains(word("sgd")));
  EXPECT_FALSE(d.contains(word("SGD")) || d.contains(word("")) || d.contains(whole(0)));
  EXPECT_EQ(d.description(), "a str among {'lbfgs', 'sgd'}");
}

TEST(Domain, AListOfNamesWhereSeveralAreTaken) {
  using Names = std::vector<std::string>;
  Domain d = domains::name({"relu", "tanh"});
  EXPECT_FALSE(d.contains(Names{"relu"}));
  d.several = true;
  EXPECT_TRUE(d.contains(word("relu")) && d.contains(Names{"relu"}));
  EXPECT_TRUE(d.contains(Names{"tanh", "relu", "tanh"}));
  EXPECT_FALSE(d.contains(Names{}) || d.contains(Names{"relu", "tahn"}) ||
               d.contains(std::vector<std::int64_t>{1}));
  EXPECT_FALSE(domains::real(0).contains(Names{"relu"}));
  EXPECT_EQ(d.description(), "a str among {'relu', 'tanh'} or a list of these");
}

TEST(Domain, NoneWhereItIsNamed) {
  EXPECT_TRUE(domains::thread_count().contains(ParamValue()));
  EXPECT_TRUE(domains::thread_count().contains(whole(-2)));
  EXPECT_FALSE(domains::thread_count().contains(whole(0)));
  EXPECT_EQ(domains::thread_count().description(), "an int other than 0 or None");
  EXPECT_FALSE(domains::integer(1).contains(ParamValue()));
  Domain choice = domains::name({"a"});
  choice.none = true;
  EXPECT_TRUE(choice.contains(ParamValue()));
  EXPECT_EQ(choice.description(), "a str among {'a'} or None");
}

TEST(Domain, SeedsAndLists) {
  const Domain seed = domains::seed();
  EXPECT_TRUE(seed.contains(ParamValue()) && seed.contains(whole(0)));
  EXPECT_TRUE(seed.contains(whole(4294967295)));
  EXPECT_FALSE(seed.contains(whole(4294967296)) || seed.contains(whole(-1)) || seed.contains(1.0));
  Domain list = domains::integer(1);
  list.type = Domain::Type::integer_list;
  EXPECT_TRUE(list.contains(std::vector<std::int64_t>{}) && list.contains(whole(4)));
  EXPECT_TRUE(list.contains(std::vector<std::int64_t>{1, 100}));
  EXPECT_FALSE(list.contains(std::vector<std::int64_t>{3, 0}) || list.contains(1.5));
}

}  // namespace
}  // namespace skarma
