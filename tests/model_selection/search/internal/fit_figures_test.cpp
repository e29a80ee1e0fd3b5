#include <skarma/model_selection/search/internal/fit_figures.hpp>

#include <gtest/gtest.h>

namespace skarma {
namespace {

/// Candidate c has 10 c in fold 0 and 10 c + 2 in fold 1.
FitFigures example_figures() {
  FitFigures figures("test_score", 4, 2);
  for (std::size_t c = 0; c < 4; ++c) {
    for (std::size_t f = 0; f < 2; ++f) figures.at(c, f) = static_cast<double>(10 * c + 2 * f);
  }
  return figures;
}

TEST(FitFigures, HaveAMeanAndAStandardDeviationForEachCandidate) {
  EXPECT_EQ(example_figures().mean_and_std_of(3).mean, 31.0);
  EXPECT_EQ(example_figures().mean_and_std_of(3).std, 1.0);
}

TEST(FitFigures, BecomeColumnsOfThoseThatAreKept) {
  CvResults table{.params = std::vector<ParamSet>(2), .columns = {}};
  FitFigures figures = example_figures();
  figures.keep(std::vector<std::size_t>{1, 3});
  std::move(figures).write_all(table);
  ASSERT_EQ(table.columns.size(), 4u);
  EXPECT_EQ(table.columns[0].name, "split0_test_score");
  EXPECT_EQ(table.numbers("split0_test_score"), (std::vector<double>{10, 30}));
  EXPECT_EQ(table.numbers("split1_test_score"), (std::vector<double>{12, 32}));
  EXPECT_EQ(table.columns[2].name, "mean_test_score");
  EXPECT_EQ(table.numbers("mean_test_score"), (std::vector<double>{11, 31}));
  EXPECT_EQ(table.columns[3].name, "std_test_score");
  EXPECT_EQ(table.numbers("std_test_score"), (std::vector<double>{1, 1}));
}

}  // namespace
}  // namespace skarma
