#include <skarma/model_selection/search/thread_executor.hpp>

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

#include <skarma/model_selection/search/exhaustive_source.hpp>
#include <skarma/tests/support/fake_search.hpp>
#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

using test::HalvingSource;
using test::KeepingSink;
using test::make_fake_fitter;

using Rows = std::vector<KeepingSink::Row>;

double number_of(const Trial& trial) {
  return static_cast<double>(10 * trial.candidate + trial.fold);
}

/// A grid of which somebody counts the trials that run, between ask and tell. Neither is called by
/// two threads at once.
class WatchedSource final : public TrialSource {
 public:
  WatchedSource(std::size_t n_candidates, std::size_t n_folds)
      : inner_(std::vector<ParamSet>(n_candidates), n_folds) {}

  std::size_t ask(std::span<Trial> trials) override {
    const Alone alone(*this);
    const std::size_t n = inner_.ask(trials);
    most_running = std::max(most_running, n_running += n);
    return n;
  }
  void tell(const Trial& trial, const FitResult& result) override {
    const Alone alone(*this);
    inner_.tell(trial, result);
    --n_running;
  }
  std::size_t most_left() const override { return inner_.most_left(); }
  ParamSet params(std::size_t candidate) const override { return inner_.params(candidate); }

  std::size_t n_running = 0;
  std::size_t most_running = 0;

 private:
  struct Alone {
    explicit Alone(WatchedSource& source) : source_(source) { EXPECT_EQ(source_.n_inside_++, 0); }
    ~Alone() { --source_.n_inside_; }
    WatchedSource& source_;
  };

  ExhaustiveSource inner_;
  std::atomic<int> n_inside_{0};
};

class ExecutorThreads : public testing::TestWithParam<int> {};

TEST_P(ExecutorThreads, DoEveryTrialOnceAndAskNoFurtherAheadThanTheyAre) {
  WatchedSource source(50, 4);
  KeepingSink sink;
  ThreadExecutor(GetParam(), make_fake_fitter(number_of)).run(source, sink);
  Rows expected;
  for (std::size_t c = 0; c < 50; ++c) {
    for (std::size_t f = 0; f < 4; ++f) expected.push_back({c, f, number_of({c, f})});
  }
  if (GetParam() > 1) std::sort(sink.rows.begin(), sink.rows.end());
  EXPECT_EQ(sink.rows, expected);
  EXPECT_EQ(source.n_running, 0u);
  EXPECT_LE(source.most_running, static_cast<std::size_t>(GetParam()));
}

/// A source that ends a search by what it is told leaves no result out.
TEST_P(ExecutorThreads, TellTheSourceOfWhatTheSinkHasTaken) {
  class SinkThatIsAsked final : public ResultSink {
   public:
    void take(const FitReport& report) override { taken.at(report.candidate) = true; }
    std::vector<std::atomic<bool>> taken = std::vector<std::atomic<bool>>(40);
  } sink;
  class AskingSource final : public TrialSource {
   public:
    explicit AskingSource(const SinkThatIsAsked& sink) : sink_(sink) {}
    std::size_t ask(std::span<Trial> trials) override { return inner_.ask(trials); }
    void tell(const Trial& trial, const FitResult&) override {
      EXPECT_TRUE(sink_.taken.at(trial.candidate));
    }
    std::size_t most_left() const override { return inner_.most_left(); }
    ParamSet params(std::size_t) const override { return {}; }

   private:
    const SinkThatIsAsked& sink_;
    ExhaustiveSource inner_{std::vector<ParamSet>(40), 1};
  } source(sink);
  ThreadExecutor(GetParam(), make_fake_fitter(number_of)).run(source, sink);
  EXPECT_TRUE(
      std::all_of(sink.taken.begin(), sink.taken.end(), [](const auto& t) { return t.load(); }));
}

/// What comes next is known only after the results: threads wait for it, and end.
TEST_P(ExecutorThreads, WaitWhereResultsDecideWhatComesNext) {
  HalvingSource source(20);
  KeepingSink sink;
  std::mutex mutex;
  std::vector<double> resources;
  const auto score = [&](const Trial& trial) {
    const std::lock_guard lock(mutex);
    resources.push_back(trial.resource);
    return number_of(trial);
  };
  ThreadExecutor(GetParam(), make_fake_fitter(score)).run(source, sink);
  ASSERT_EQ(sink.rows.size(), 20u + 10 + 5 + 2 + 1);
  EXPECT_EQ(source.most_left(), 0u);
  EXPECT_EQ(sink.rows.back().candidate, 19u);
  EXPECT_EQ(resources.back(), 16.0);
  std::sort(sink.rows.begin() + 30, sink.rows.begin() + 35);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(sink.rows[30 + i].candidate, 15 + i);
}

TEST_P(ExecutorThreads, StartNothingAfterAStopRequest) {
  ExhaustiveSource source(std::vector<ParamSet>(1000), 1);
  KeepingSink sink;
  std::stop_source stop;
  const auto score = [&](const Trial& trial) {
    if (trial.candidate == 10) stop.request_stop();
    return 0.0;
  };
  ThreadExecutor(GetParam(), make_fake_fitter(score), stop.get_token()).run(source, sink);
  EXPECT_GE(sink.rows.size(), 11u);
  EXPECT_LE(sink.rows.size(), 11u + static_cast<std::size_t>(GetParam()));
}

/// The others wait for the one that runs, and hear of the stop in its place.
TEST_P(ExecutorThreads, AreWokenByAStopRequest) {
  HalvingSource source(2);
  KeepingSink sink;
  std::stop_source stop;
  const auto score = [&](const Trial& trial) {
    if (trial.resource > 1.0) stop.request_stop();
    return number_of(trial);
  };
  ThreadExecutor(GetParam(), make_fake_fitter(score), stop.get_token()).run(source, sink);
  EXPECT_EQ(sink.rows.size(), 3u);
}

TEST_P(ExecutorThreads, AnExceptionOfAFitEndsTheSearchAndIsThrown) {
  HalvingSource source(1000);
  KeepingSink sink;
  const auto score = [&](const Trial& trial) -> double {
    if (trial.candidate == 10) throw std::runtime_error("no fit today");
    return 0.0;
  };
  ThreadExecutor executor(GetParam(), make_fake_fitter(score));
  EXPECT_THROW_WITH(executor.run(source, sink), std::runtime_error, "no fit today");
  EXPECT_LT(sink.rows.size(), 1000u);
  EXPECT_GT(source.most_left(), 0u);
}

TEST_P(ExecutorThreads, AnExceptionOfTheSinkEndsTheSearchAndIsThrown) {
  class Refusing final : public ResultSink {
    void take(const FitReport&) override { throw std::out_of_range("no room"); }
  } sink;
  HalvingSource source(4);
  ThreadExecutor executor(GetParam(), make_fake_fitter(number_of));
  EXPECT_THROW_WITH(executor.run(source, sink), std::out_of_range, "no room");
}

INSTANTIATE_TEST_SUITE_P(Of, ExecutorThreads, testing::Values(1, 2, 5),
                         testing::PrintToStringParamName());

TEST(Executor, OfNoTrialsReturns) {
  ExhaustiveSource source({}, 3);
  KeepingSink sink;
  for (const int n_threads : {1, 3}) {
    ThreadExecutor(n_threads, make_fake_fitter(number_of)).run(source, sink);
    EXPECT_TRUE(sink.rows.empty());
  }
}

/// A fitter that is glad of 7 trials at once, and of 3 after the first time.
class GroupsOfTrials final : public TrialFitter {
 public:
  explicit GroupsOfTrials(std::vector<std::size_t>& sizes) : sizes_(sizes) {}

  std::size_t most_trials() const override { return sizes_.empty() ? 7 : 3; }
  void fit(std::span<const Trial> trials, const TakeReport& take) override {
    sizes_.push_back(trials.size());
    inner_.fit(trials, take);
  }

 private:
  std::vector<std::size_t>& sizes_;
  test::FakeFitter inner_{number_of};
};

TEST(FewExecutorThreads, AskForAsManyTrialsAsTheirFitterIsGladOf) {
  for (const int n_threads : {1, 3}) {
    WatchedSource source(4, 4);
    KeepingSink sink;
    std::vector<std::size_t> sizes;
    const auto make = [&](std::size_t, SpareThreads*) {
      return std::make_unique<GroupsOfTrials>(sizes);
    };
    ThreadExecutor(n_threads, make, {}, 1).run(source, sink);
    EXPECT_EQ(sizes, (std::vector<std::size_t>{7, 3, 3, 3}));
    EXPECT_EQ(sink.rows.size(), 16u);
    EXPECT_EQ(source.n_running, 0u);
  }
}

TEST(FewExecutorThreads, AreLentToTheFitsOfOneFitter) {
  ExhaustiveSource source(std::vector<ParamSet>(20), 1);
  KeepingSink sink;
  std::atomic<int> n_made{0};
  const auto make = [&](std::size_t, SpareThreads* spare) {
    ++n_made;
    EXPECT_NE(spare, nullptr);
    return std::make_unique<test::FakeFitter>(number_of);
  };
  ThreadExecutor(3, make, {}, 1).run(source, sink);
  EXPECT_EQ(n_made, 1);
  EXPECT_EQ(sink.rows.size(), 20u);
}

TEST(Executor, GivesSpareThreadsWhereThereAreSeveral) {
  KeepingSink sink;
  for (const int n_threads : {1, 3}) {
    HalvingSource source(3);
    std::atomic<int> n_with_spare{0}, n_made{0};
    const auto make = [&](std::size_t, SpareThreads* spare) {
      ++n_made;
      if (spare != nullptr) ++n_with_spare;
      return std::make_unique<test::FakeFitter>(number_of);
    };
    ThreadExecutor(n_threads, make).run(source, sink);
    EXPECT_EQ(n_made, n_threads);
    EXPECT_EQ(n_with_spare, n_threads > 1 ? n_threads : 0);
  }
}

}  // namespace
}  // namespace skarma
