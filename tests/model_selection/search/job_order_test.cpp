#include <skarma/model_selection/search/job_order.hpp>

#include <gtest/gtest.h>

namespace skarma {
namespace {

std::vector<std::size_t> next_jobs(JobOrder& order, std::size_t n) {
  std::vector<std::size_t> jobs;
  for (std::size_t i = 0; i < n; ++i) jobs.push_back(order.next());
  return jobs;
}

TEST(JobOrder, StartsWithTheMostWorkAndOfEqualsWithTheFirst) {
  JobOrder order({1.0, 3.0, 3.0}, 2);
  EXPECT_EQ(next_jobs(order, 6), (std::vector<std::size_t>{2, 3, 4, 5, 0, 1}));
}

TEST(JobOrder, AFinishedFitTellsWhatItsCandidateTakes) {
  JobOrder order({4.0, 3.0, 2.0}, 3);
  EXPECT_EQ(order.next(), 0u);
  EXPECT_EQ(order.next(), 1u);
  order.finished(0, 10.0);  // as expected
  EXPECT_EQ(order.next(), 2u);
  EXPECT_EQ(order.next(), 3u);
  order.finished(3, 1.0);  // a tenth of what 3.0 promised: now after 2.0
  EXPECT_EQ(next_jobs(order, 5), (std::vector<std::size_t>{6, 7, 8, 4, 5}));
}

TEST(JobOrder, FitsThatTakeNoTimeAtAllAreNoReasonToChange) {
  JobOrder order({1.0, 2.0}, 2);
  EXPECT_EQ(order.next(), 2u);
  order.finished(2, 0.0);
  EXPECT_EQ(next_jobs(order, 3), (std::vector<std::size_t>{3, 0, 1}));
}

}  // namespace
}  // namespace skarma
