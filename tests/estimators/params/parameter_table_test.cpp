#include <skarma/estimators/params/parameter_table.hpp>

#include <gtest/gtest.h>

#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

using Colours = std::variant<std::string, std::vector<std::string>>;

struct Params {
  double alpha = 0.5;
  int max_iter = 10;
  std::string solver = "adam";
  bool shuffle = true;
  std::vector<int> sizes = {100};
  RandomSeed seed;
  std::optional<int> batch;
  Colours colours = "red";
};

ParamValue text(const char* v) { return std::string(v); }
const std::vector<std::string> kBoth = {"red", "blue"};

ParameterTable<Params> table() {
  using namespace domains;
  Domain sizes = integer(1);
  sizes.type = Domain::Type::integer_list;
  Domain batch = integer(1);
  batch.names = {"auto"};
  Domain colours = name({"red", "blue"});
  colours.several = true;
  ParameterTable<Params> rows("Machine");
  rows.add("alpha", &Params::alpha, real(0), "Penalty.")
      .add("max_iter", &Params::max_iter, integer(1), "Turns.")
      .add("solver", &Params::solver, name({"adam", "sgd"}), "How.")
      .add("shuffle", &Params::shuffle, boolean(), "Order.")
      .add("sizes", &Params::sizes, sizes, "Units.")
      .add("seed", &Params::seed, {.type = Domain::Type::seed, .high = 9, .none = true}, "Stream.")
      .add("batch", &Params::batch, batch, "Rows.")
      .add("colours", &Params::colours, colours, "Paint.")
      .require([](std::string_view owner, const Params& p) {
        if (p.alpha > p.max_iter) throw std::invalid_argument(std::string(owner) + " is too slow.");
      });
  return rows;
}

Params after(std::string_view name, const ParamValue& value) {
  Params params;
  table().set(params, name, value);
  return params;
}

TEST(ParameterTable, ValuesAreNamedInTheOrderOfTheRows) {
  const ParamSet values = table().values(Params{});
  ASSERT_EQ(values.size(), 8u);
  EXPECT_EQ(values[0], (std::pair<std::string, ParamValue>{"alpha", 0.5}));
  EXPECT_EQ(values[4].second, ParamValue(std::vector<std::int64_t>{100}));
  EXPECT_EQ(values[5].second, ParamValue());
  EXPECT_EQ(values[6].second, text("auto"));
  EXPECT_EQ(values[7].second, text("red"));
  EXPECT_EQ(table().values(after("colours", kBoth)).back().second, ParamValue(kBoth));
}

TEST(ParameterTable, TakesTypedValues) {
  EXPECT_EQ(after("alpha", std::int64_t{2}).alpha, 2.0);
  EXPECT_EQ(after("alpha", true).alpha, 1.0);
  EXPECT_EQ(after("max_iter", true).max_iter, 1);
  EXPECT_EQ(after("sizes", std::int64_t{5}).sizes, std::vector<int>{5});
  EXPECT_EQ(after("sizes", std::vector<std::int64_t>{}).sizes, std::vector<int>{});
  EXPECT_EQ(after("seed", std::int64_t{3}).seed.seed(), 3);
  EXPECT_EQ(after("batch", std::int64_t{7}).batch, 7);
  EXPECT_EQ(after("colours", kBoth).colours, Colours(kBoth));
}

TEST(ParameterTable, TakesTextFromACommandLine) {
  EXPECT_EQ(after("alpha", text("1e-3")).alpha, 1e-3);
  EXPECT_EQ(after("max_iter", text("25")).max_iter, 25);
  EXPECT_EQ(after("shuffle", text("false")).shuffle, false);
  EXPECT_EQ(after("sizes", text("100,50")).sizes, (std::vector<int>{100, 50}));
  EXPECT_EQ(after("sizes", text("(30,)")).sizes, std::vector<int>{30});
  EXPECT_EQ(after("sizes", text("30")).sizes, std::vector<int>{30});
  EXPECT_FALSE(after("seed", text("None")).seed.is_set());
  EXPECT_FALSE(after("batch", text("auto")).batch);
  EXPECT_EQ(after("solver", text("sgd")).solver, "sgd");
  EXPECT_EQ(after("colours", text("blue")).colours, Colours("blue"));
  for (const char* both : {"red,blue", "(red, blue)", "['red', 'blue']"}) {
    EXPECT_EQ(after("colours", text(both)).colours, Colours(kBoth)) << both;
  }
}

TEST(ParameterTable, WrongTypesAreRefusedAtOnceInScikitLearnsWords) {
  EXPECT_THROW_WITH(
      after("alpha", text("much")), std::invalid_argument,
      "The 'alpha' parameter of Machine must be a float in the range [0.0, inf). Got 'much' "
      "instead.");
  EXPECT_THROW_WITH(
      after("max_iter", 2.0), std::invalid_argument,
      "The 'max_iter' parameter of Machine must be an int in the range [1, inf). Got 2.0 instead.");
  EXPECT_THROW_WITH(after("shuffle", std::int64_t{1}), std::invalid_argument,
                    "must be an instance of 'bool'. Got 1 instead.");
  EXPECT_THROW_WITH(after("shuffle", text("Flase")), std::invalid_argument,
                    "must be an instance of 'bool'. Got 'Flase' instead. Did you mean 'False'?");
  EXPECT_THROW(after("sizes", 1.5), std::invalid_argument);
  EXPECT_THROW(after("sizes", text("(1, x)")), std::invalid_argument);
  EXPECT_THROW(after("seed", 1.0), std::invalid_argument);
  EXPECT_THROW(after("batch", text("all")), std::invalid_argument);
  EXPECT_THROW(after("alpha", ParamValue()), std::invalid_argument);
  EXPECT_THROW(after("solver", std::int64_t{1}), std::invalid_argument);
  for (const char* name : {"alpha", "max_iter", "solver", "shuffle", "sizes", "seed", "batch"}) {
    EXPECT_THROW_WITH(after(name, kBoth), std::invalid_argument, name);
  }
  EXPECT_THROW_WITH(after("colours", std::vector<std::int64_t>{1, 2}), std::invalid_argument,
                    "or a list of these. Got (1, 2) instead.");
  EXPECT_THROW_WITH(after("colours", text("(red, blue")), std::invalid_argument,
                    "The 'colours' parameter of Machine: '(red, blue' has no closing ')'.");
}

TEST(ParameterTable, RangesAreJudgedByValidate) {
  EXPECT_NO_THROW(table().validate(Params{}));
  EXPECT_THROW_WITH(table().validate(after("alpha", -1.0)), std::invalid_argument,
                    "The 'alpha' parameter of Machine must be a float in the range [0.0, inf). "
                    "Got -1.0 instead.");
  EXPECT_THROW_WITH(table().validate(after("solver", text("sdg"))), std::invalid_argument,
                    "must be a str among {'adam', 'sgd'}. Got 'sdg' instead. Did you mean 'sgd'?");
  EXPECT_THROW_WITH(table().validate(after("sizes", text("3, 0"))), std::invalid_argument,
                    "sizes must be > 0, got [3, 0].");
  EXPECT_NO_THROW(table().validate(after("sizes", text("()"))));
  EXPECT_NO_THROW(table().validate(after("colours", kBoth)));
  EXPECT_THROW_WITH(table().validate(after("colours", text("red,bleu,blew"))),
                    std::invalid_argument,
                    "Got ['red', 'bleu', 'blew'] instead. Did you mean 'blue'?");
}

TEST(ParameterTable, ParametersThatDoNotFitEachOtherAreRefusedLast) {
  EXPECT_NO_THROW(table().validate(after("alpha", 10.0)));
  EXPECT_THROW_WITH(table().validate(after("alpha", 11.0)), std::invalid_argument,
                    "Machine is too slow.");
  Params wrong = after("alpha", 11.0);
  wrong.solver = "sdg";
  EXPECT_THROW_WITH(table().validate(wrong), std::invalid_argument, "Did you mean 'sgd'?");
}

TEST(ParameterTable, UnknownNamesComeWithTheNearestAndAllKnown) {
  EXPECT_THROW_WITH(after("alpa", 1.0), std::invalid_argument,
                    "Invalid parameter 'alpa' for estimator Machine. Did you mean 'alpha'? Valid "
                    "parameters are: ['alpha', 'max_iter', 'solver', 'shuffle', 'sizes', 'seed', "
                    "'batch', 'colours'].");
}

TEST(ParameterTable, ARefusedValueChangesNothing) {
  Params params;
  EXPECT_THROW(table().set(params, "sizes", std::string("(1, x)")), std::invalid_argument);
  EXPECT_THROW(table().set(params, "max_iter", 2.5), std::invalid_argument);
  EXPECT_EQ(params.sizes, std::vector<int>{100});
  EXPECT_EQ(params.max_iter, 10);
}

}  // namespace
}  // namespace skarma
