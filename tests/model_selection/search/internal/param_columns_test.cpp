#include <skarma/model_selection/search/internal/param_columns.hpp>

#include <gtest/gtest.h>

namespace skarma {
namespace {

TEST(ParamColumns, ComeInTheOrderOfFirstAppearanceWithGaps) {
  CvResults table{.params = {{{"b", 1.0}}, {{"a", None()}, {"b", 2.0}}, {}}, .columns = {}};
  add_param_columns(table);
  using Values = std::vector<std::optional<ParamValue>>;
  ASSERT_EQ(table.columns.size(), 2u);
  EXPECT_EQ(table.columns[0].name, "param_b");
  EXPECT_EQ(std::get<Values>(table.columns[0].values), (Values{1.0, 2.0, std::nullopt}));
  EXPECT_EQ(table.columns[1].name, "param_a");
  EXPECT_EQ(std::get<Values>(table.columns[1].values),
            (Values{std::nullopt, ParamValue(None()), std::nullopt}));
}

}  // namespace
}  // namespace skarma
