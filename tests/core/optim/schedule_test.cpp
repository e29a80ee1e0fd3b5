#include <skarma/core/optim/schedule.hpp>

#include <cmath>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <skarma/core/optim/learning_rate.hpp>
#include <skarma/tests/support/messages.hpp>

// The figures of PyTorch's schedulers are in tests/python/test_schedules.py.

namespace skarma {
namespace {

/// Rates of so many epochs, from 1 on; what is watched never gets better.
std::vector<double> rates(std::string_view schedule, int n_epochs, int n_shown) {
  LearningRate rate{.schedule = std::string(schedule), .initial = 1.0};
  rate.start(n_epochs);
  std::vector<double> shown;
  for (int epoch = 0; epoch < n_shown; ++epoch) {
    shown.push_back(rate.current);
    rate.after_epoch(0, 1.0, 1e-4);
  }
  return shown;
}

void expect_near(const std::vector<double>& found, const std::vector<double>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-14) << i;
}

TEST(Schedule, GoesByTheEpoch) {
  expect_near(rates("step(every=2, factor=0.5)", 5, 5), {1, 1, 0.5, 0.5, 0.25});
  expect_near(rates("step(1, 3)", 5, 5), {1, 0.1, 0.1, 0.01, 0.01});
  expect_near(rates("exponential(factor=0.5)", 4, 4), {1, 0.5, 0.25, 0.125});
  expect_near(rates("cosine", 4, 4), {1, (1 + std::sqrt(0.5)) / 2, 0.5, (1 - std::sqrt(0.5)) / 2});
  expect_near(rates("cosine(warmup=1, restarts=1)", 5, 5), {0.5, 1, 0.5, 1, 0.5});
  expect_near(rates("plateau(patience=1, factor=0.5)", 9, 6), {1, 1, 1, 0.5, 0.5, 0.25});
}

/// The figures of torch.optim.lr_scheduler.ReduceLROnPlateau.
TEST(Schedule, SaysWhetherItNeedsTheNumberOfEpochs) {
  for (const std::string_view name : schedule_names()) {
    const Schedule schedule = Schedule::parse(name);
    bool differs = false;
    for (int epoch = 0; epoch < 8; ++epoch) {
      differs = differs || schedule.factor(epoch, 8) != schedule.factor(epoch, 20);
    }
    EXPECT_EQ(Schedule::needs_n_epochs(name), differs) << name;
  }
  EXPECT_TRUE(Schedule::needs_n_epochs("cosine(warmup=2)"));
  for (const char* other : {"constant", "invscaling", "adaptive", ""}) {
    EXPECT_FALSE(Schedule::needs_n_epochs(other));
  }
}

TEST(Schedule, WatchesForAPlateau) {
  const auto lowered_in = [](std::string_view schedule) {
    LearningRate rate{.schedule = std::string(schedule), .initial = 1.0};
    rate.start(24);
    std::vector<int> epochs;
    for (int epoch = 0; epoch < 24; ++epoch) {
      const double before = rate.current;
      rate.after_epoch(0, epoch < 6 ? 1.0 / (1 + epoch) : 0.2 + 0.01 * std::sin(epoch), 1e-4);
      if (rate.current != before) epochs.push_back(epoch + 1);
    }
    return epochs;
  };
  EXPECT_EQ(lowered_in("plateau"), (std::vector<int>{12, 18, 24}));
  EXPECT_EQ(lowered_in("plateau(patience=2)"), (std::vector<int>{9, 12, 15, 18, 21, 24}));
}

/// partial_fit may go on for ever: at the end of what is known.
TEST(Schedule, StaysAtItsEnd) {
  expect_near(rates("cosine(final=0.25)", 2, 5), {1, 0.625, 0.25, 0.25, 0.25});
  const auto one_cycle = rates("one_cycle", 10, 13);
  EXPECT_EQ(one_cycle[9], one_cycle[12]);
  EXPECT_NEAR(one_cycle[9], 1 / 25e4, 1e-18);
}

TEST(Schedule, OfFewEpochsIsDefined) {
  for (const std::string_view name : schedule_names()) {
    for (const int n_epochs : {1, 2, 3}) {
      for (const double rate : rates(name, n_epochs, 5)) {
        EXPECT_TRUE(std::isfinite(rate) && rate >= 0.0 && rate <= 1.0) << name << n_epochs;
      }
    }
  }
}

TEST(Schedule, SaysWhatItTakes) {
  const auto refusal = [](std::string_view text) {
    return test::message_of<std::invalid_argument>([&] { Schedule::parse(text); });
  };
  EXPECT_EQ(refusal("cosine(warmpu=5)"),
            "'cosine' has no 'warmpu'. Did you mean 'warmup'? It takes: warmup, restarts, final.");
  EXPECT_EQ(refusal("cosine(5)"),
            "'cosine' takes its numbers by their names: warmup, restarts, final.");
  EXPECT_EQ(refusal("step(every=0)"),
            "'every' of 'step' must be a whole number from 1. Got 0 instead.");
  EXPECT_EQ(refusal("step(every=2.5)"),
            "'every' of 'step' must be a whole number from 1. Got 2.5 instead.");
  EXPECT_EQ(refusal("cosine(final=2)"),
            "'final' of 'cosine' must be a number from 0 to 1. Got 2 instead.");
  EXPECT_EQ(refusal("step(0)"), "Epochs of 'step' must be whole numbers from 1. Got 0 instead.");
  EXPECT_EQ(refusal("cosine("), "'cosine(' is not written as 'cosine(warmup=0)'.");
  EXPECT_EQ(refusal("constant"), "There is no schedule 'constant'.");
}

TEST(Schedule, IsKnownByItsName) {
  EXPECT_TRUE(Schedule::is_one("cosine"));
  EXPECT_TRUE(Schedule::is_one("cosine(what=ever)"));
  for (const char* text : {"constant", "adaptive", "cosin", "cosine warmup", ""}) {
    EXPECT_FALSE(Schedule::is_one(text)) << text;
  }
}

}  // namespace
}  // namespace skarma
