#include <skarma/datasets/embedded.hpp>

#include <algorithm>

#include <gtest/gtest.h>

#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/digest.hpp>
#include <skarma/tests/support/golden.hpp>
#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

std::string target_digest(const Dataset& data) {
  if (const auto* numbers = std::get_if<std::vector<double>>(&data.y))
    return test::digest(*numbers);
  return test::digest(std::get<std::vector<int>>(data.y));
}

TEST(Embedded, NumbersAreScikitLearnsBitForBit) {
  for (const std::string& name : test::golden_case_names("datasets")) {
    const test::Json& expected = test::golden_case("datasets", name);
    const Dataset data = load_dataset(name);
    EXPECT_EQ(data.name, name);
    EXPECT_EQ(data.x.rows(), expected.at("shape")[0]);
    EXPECT_EQ(data.x.cols(), expected.at("shape")[1]);
    EXPECT_EQ(test::digest(data.x.values()), expected.at("x_fnv64"));
    EXPECT_EQ(target_digest(data), expected.at("y_fnv64"));
  }
}

TEST(Embedded, BreastCancerEqualsTheGoldenTable) {
  const Dataset data = load_dataset("breast_cancer");
  const test::Json& golden = test::golden("data_breast_cancer");
  EXPECT_TRUE(test::same_bits(data.x.values(), test::matrix(golden.at("X")).values()));
  EXPECT_EQ(std::get<std::vector<int>>(data.y), test::ints(golden.at("y")));
}

TEST(Embedded, NamesAreScikitLearns) {
  for (const std::string& name : test::golden_case_names("datasets")) {
    const test::Json& expected = test::golden_case("datasets", name);
    const Dataset data = load_dataset(name);
    EXPECT_EQ(test::Json(data.feature_names), expected.at("feature_names"));
    EXPECT_EQ(test::Json(data.target_names), expected.at("target_names"));
  }
}

TEST(Embedded, AllAreListedAndSorted) {
  const auto names = dataset_names();
  EXPECT_EQ(names.size(), test::golden_case_names("datasets").size());
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  for (const std::string_view name : names) EXPECT_FALSE(load_dataset(name).description.empty());
}

TEST(Embedded, UnknownNameGetsTheNearest) {
  EXPECT_THROW_WITH(load_dataset("breast-cancr"), std::invalid_argument,
                    "Did you mean 'breast_cancer'?");
  EXPECT_THROW_WITH(load_dataset(""), std::invalid_argument, "There are: breast_cancer, diabetes");
}

}  // namespace
}  // namespace skarma
