#include <skarma/estimators/parameter_table.hpp>

#include <gtest/gtest.h>

#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

struct Params {
  double alpha = 0.5;
  int max_iter = 10;
  std::string solver = "adam";
  bool shuffle = true;
  std::vector<int> sizes = {100};
  RandomSeed seed;
  std::optional<int> batch;
};

ParameterTable<Params> table() {
  using namespace domains;
  Domain sizes = integer(1);
  sizes.type = Domain::Type::integer_list;
  Domain batch = integer(1);
  batch.names = {"auto"};
  ParameterTable<Params> rows("Machine");
  rows.add("alpha", &Params::alpha, real(0), "Penalty.")
      .add("max_iter", &Params::max_iter, integer(1), "Turns.")
      .add("solver", &Params::solver, name({"adam", "sgd"}), "How.")
      .add("shuffle", &Params::shuffle, boolean(), "Order.")
      .add("sizes", &Params::sizes, sizes, "Units.")
      .add("seed", &Params::seed, {.type = Domain::Type::seed, .high = 9, .none = true}, "Stream.")
      .add("batch", &Params::batch, batch, "Rows.");
  return rows;
}

Params after(std::string_view name, const ParamValue& value) {
  Params params;
  table().set(params, name, value);
  return params;
}

ParamValue text(const char* v) { return std::string(v); }

TEST(ParameterTable, ValuesAreNamedInTheOrderOfTheRows) {
  const ParamSet values = table().values(Params{});
  ASSERT_EQ(values.size(), 7u);
  EXPECT_EQ(values[0], (std::pair<std::string, ParamValue>{"alpha", 0.5}));
  EXPECT_EQ(values[4].second, ParamValue(std::vector<std::int64_t>{100}));
  EXPECT_EQ(values[5].second, ParamValue());
  EXPECT_EQ(values[6].second, text("auto"));
}

TEST(ParameterTable, TakesTypedValues) {
  EXPECT_EQ(after("alpha", std::int64_t{2}).alpha, 2.0);
  EXPECT_EQ(after("alpha", true).alpha, 1.0);
  EXPECT_EQ(after("max_iter", true).max_iter, 1);
  EXPECT_EQ(after("sizes", std::int64_t{5}).sizes, std::vector<int>{5});
  EXPECT_EQ(after("sizes", std::vector<std::int64_t>{}).sizes, std::vector<int>{});
  EXPECT_EQ(after("seed", std::int64_t{3}).seed.seed(), 3);
  EXPECT_EQ(after("batch", std::int64_t{7}).batch, 7);
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
}

TEST(ParameterTable, UnknownNamesComeWithTheNearestAndAllKnown) {
  EXPECT_THROW_WITH(after("alpa", 1.0), std::invalid_argument,
                    "Invalid parameter 'alpa' for estimator Machine. Did you mean 'alpha'? Valid "
                    "parameters are: ['alpha', 'max_iter', 'solver', 'shuffle', 'sizes', 'seed', "
                    "'batch'].");
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
