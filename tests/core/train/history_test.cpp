#include <skarma/core/train/history.hpp>

#include <cmath>

#include <gtest/gtest.h>

namespace skarma {
namespace {

TEST(History, ColumnsAreAsLongAsTheLossCurve) {
  TrainingHistory history;
  history.loss_curve = LossCurve({3.0, 2.0, 1.0});
  history.learning_rates = LossCurve({0.1});
  const HistoryTable table = history.table();
  EXPECT_EQ(table.loss, (std::vector<double>{3.0, 2.0, 1.0}));
  EXPECT_EQ(table.learning_rate[0], 0.1);
  for (const auto* column : {&table.learning_rate, &table.validation_score, &table.seconds}) {
    ASSERT_EQ(column->size(), 3U);
    EXPECT_TRUE(std::isnan(column->back()));
  }
}

TEST(History, IterationsOfLbfgsTakeThePlaceOfEpochs) {
  TrainingHistory history;
  history.loss_curve = LossCurve({3.0, 2.0, 1.0});
  history.iterations = HistoryTable{{7.0}, {}, {}, {}, {}};
  EXPECT_EQ(history.table().loss, std::vector<double>{7.0});
}

}  // namespace
}  // namespace skarma
