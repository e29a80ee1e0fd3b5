#include <skarma/core/train/epoch_orders.hpp>

#include <algorithm>
#include <deque>
#include <vector>

#include <gtest/gtest.h>

namespace skarma {
namespace {

/// Runs of a group with their generators.
class Runs {
 public:
  void add(std::uint32_t seed, std::size_t n_samples, bool shuffle = true) {
    add(generators_.emplace_back(seed), n_samples, shuffle);
  }
  void add(RandomState& generator, std::size_t n_samples, bool shuffle = true) {
    TrainingRun& run = runs_.emplace_back();
    run.n_samples = n_samples;
    run.random_state = &generator;
    run.settings.shuffle = shuffle;
    pointers_.push_back(&run);
  }
  TrainingRun& operator[](std::size_t i) { return runs_[i]; }
  std::vector<std::shared_ptr<EpochOrder>> orders() const { return epoch_orders(pointers_); }

 private:
  std::deque<RandomState> generators_;
  std::deque<TrainingRun> runs_;
  std::vector<TrainingRun*> pointers_;
};

std::vector<RowIndex> positions(const EpochOrder& order) {
  return {order.positions().begin(), order.positions().end()};
}

/// Of two epochs by a generator.
std::vector<RowIndex> shuffled_twice(RandomState& generator, std::size_t n) {
  TrainingRun run;
  run.n_samples = n;
  run.random_state = &generator;
  EpochOrder order(run);
  order.shuffle();
  order.shuffle();
  return positions(order);
}

TEST(EpochOrders, AreOneForRunsThatDrawTheSame) {
  Runs runs;
  runs.add(1, 20);
  runs.add(2, 20);
  runs.add(1, 20);
  runs.add(1, 21);
  runs.add(1, 20, false);
  const auto orders = runs.orders();
  EXPECT_EQ(orders[0], orders[2]);
  EXPECT_NE(orders[0], orders[1]);
  EXPECT_NE(orders[0], orders[3]);
  EXPECT_NE(orders[0], orders[4]);
}

TEST(EpochOrders, AreThoseOfRunsAlone) {
  Runs runs;
  runs.add(1, 20);
  runs.add(1, 20);
  const auto order = runs.orders().front();
  order->shuffle();
  order->shuffle();
  RandomState alone(1);
  EXPECT_EQ(positions(*order), shuffled_twice(alone, 20));
  for (const std::size_t i : {0, 1}) {
    order->leave(runs[i]);
    EXPECT_EQ(runs[i].random_state->state(), alone.state());
  }
}

TEST(EpochOrders, LeaveAGeneratorAloneThatSeveralDrawFrom) {
  Runs runs;
  RandomState generator(1);
  runs.add(generator, 20);
  runs.add(generator, 20);
  const auto orders = runs.orders();
  EXPECT_NE(orders[0], orders[1]);
  orders[0]->shuffle();
  orders[1]->shuffle();
  EXPECT_NE(positions(*orders[0]), positions(*orders[1]));
}

TEST(EpochOrders, LeaveAGeneratorAloneThatLivesElsewhere) {
  RandomState elsewhere(5);
  const BitSource source{&elsewhere,
                         [](void* s) { return static_cast<RandomState*>(s)->next_u64(); },
                         [](void* s) { return static_cast<RandomState*>(s)->next_u32(); },
                         [](void* s) { return static_cast<RandomState*>(s)->random(); }};
  RandomState one(source), other(source);
  Runs runs;
  runs.add(one, 20);
  runs.add(other, 20);
  const auto orders = runs.orders();
  EXPECT_NE(orders[0], orders[1]);
}

}  // namespace
}  // namespace skarma
