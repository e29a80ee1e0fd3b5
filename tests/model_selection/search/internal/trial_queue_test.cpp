#include <skarma/model_selection/search/internal/trial_queue.hpp>

#include <array>
#include <chrono>
#include <future>
#include <optional>
#include <thread>

#include <gtest/gtest.h>

#include <skarma/tests/support/fake_search.hpp>

namespace skarma {
namespace {

FitResult scored(double score) {
  FitResult result;
  result.test_scores = {score};
  return result;
}

std::optional<Trial> next_of(TrialQueue& queue) {
  Trial trial;
  return queue.next({&trial, 1}) == 1 ? std::optional(trial) : std::nullopt;
}

/// Two trials are out, a third one needs the results of both.
class TrialQueueThreads : public testing::Test {
 protected:
  TrialQueueThreads() {
    for (Trial& trial : running) trial = next_of(queue).value();
    waiting = std::async(std::launch::async, [this] { return next_of(queue); });
  }
  bool waits() {
    return waiting.wait_for(std::chrono::milliseconds(20)) == std::future_status::timeout;
  }

  test::HalvingSource source{2};
  std::stop_source stop;
  TrialQueue queue{source, stop.get_token()};
  std::array<Trial, 2> running;
  std::future<std::optional<Trial>> waiting;
};

TEST_F(TrialQueueThreads, WaitForResults) {
  queue.finished(running[0], scored(0.0));
  EXPECT_TRUE(waits());
  queue.finished(running[1], scored(1.0));
  EXPECT_EQ(waiting.get(), (Trial{.candidate = 1, .resource = 2.0}));
  EXPECT_EQ(next_of(queue), std::nullopt);
}

TEST_F(TrialQueueThreads, StopWaitingAtAStopRequest) {
  EXPECT_TRUE(waits());
  stop.request_stop();
  EXPECT_EQ(waiting.get(), std::nullopt);
  EXPECT_EQ(next_of(queue), std::nullopt);
}

TEST_F(TrialQueueThreads, StopWaitingWhenItIsClosed) {
  EXPECT_TRUE(waits());
  queue.close();
  EXPECT_EQ(waiting.get(), std::nullopt);
  EXPECT_EQ(next_of(queue), std::nullopt);
}

/// What there is comes at once; what depends on it, when all of it has been told.
TEST(TrialQueue, GivesAsManyAsThereAreAndRoomFor) {
  test::HalvingSource source(5);
  TrialQueue queue(source, {});
  std::array<Trial, 3> room;
  ASSERT_EQ(queue.next(room), 3u);
  EXPECT_EQ(room[2].candidate, 2u);
  const auto first = room;
  ASSERT_EQ(queue.next(room), 2u);
  EXPECT_EQ(room[1].candidate, 4u);
  for (const Trial& trial : first) queue.finished(trial, scored(0.0));
  for (const Trial& trial : {room[0], room[1]}) queue.finished(trial, scored(1.0));
  EXPECT_EQ(queue.next(room), 2u);
}

/// One that gives nothing although nothing runs would keep everybody waiting.
TEST(TrialQueue, EndsWhereNoResultCanBringAnything) {
  class Silent final : public TrialSource {
    std::size_t ask(std::span<Trial>) override { return 0; }
    void tell(const Trial&, const FitResult&) override {}
    std::size_t most_left() const override { return 1; }
    ParamSet params(std::size_t) const override { return {}; }
  } source;
  TrialQueue queue(source, {});
  EXPECT_EQ(next_of(queue), std::nullopt);
}

}  // namespace
}  // namespace skarma
