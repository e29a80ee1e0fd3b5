#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include <skarma/model_selection/search/result_sink.hpp>
#include <skarma/model_selection/search/thread_executor.hpp>
#include <skarma/model_selection/search/trial_fitter.hpp>
#include <skarma/model_selection/search/trial_source.hpp>

namespace skarma::test {

/// Fits nothing: the result is what a function says, and done.
class FakeFitter final : public TrialFitter {
 public:
  using Score = std::function<double(const Trial&)>;
  explicit FakeFitter(Score score) : score_(std::move(score)) {}

  void fit(std::span<const Trial> trials, const TakeReport& take) override {
    for (const Trial& trial : trials) {
      result_.done = true;
      result_.test_scores = {score_(trial)};
      take(trial, {trial.candidate, trial.fold, result_, estimator_});
    }
  }

 private:
  Score score_;
  FitResult result_;
  std::unique_ptr<Estimator> estimator_;
};

inline ThreadExecutor::MakeFitter make_fake_fitter(FakeFitter::Score score) {
  return [score](std::size_t, SpareThreads*) { return std::make_unique<FakeFitter>(score); };
}

/// Keeps what it takes: candidate, fold and score.
class KeepingSink final : public ResultSink {
 public:
  struct Row {
    std::size_t candidate, fold;
    double score;
    auto operator<=>(const Row&) const = default;
  };

  void take(const FitReport& report) override {
    const std::lock_guard lock(mutex_);
    rows.push_back({report.candidate, report.fold, report.result.test_scores.at(0)});
  }

  std::vector<Row> rows;

 private:
  std::mutex mutex_;
};

/// Rounds of candidates, as halving has them: a round's trials come when all of the round before
/// are told, and are of its better half.
class HalvingSource final : public TrialSource {
 public:
  explicit HalvingSource(std::size_t n) {
    for (std::size_t c = 0; c < n; ++c) round_.push_back(c);
  }

  std::size_t ask(std::span<Trial> trials) override {
    std::size_t n = 0;
    while (n < trials.size() && n_given_ < round_.size()) {
      trials[n++] = {.candidate = round_[n_given_++], .fold = 0, .resource = resource_};
    }
    return n;
  }

  void tell(const Trial& trial, const FitResult& result) override {
    scores_.emplace_back(-result.test_scores.at(0), trial.candidate);
    if (scores_.size() < round_.size() || round_.size() == 1) return;
    std::sort(scores_.begin(), scores_.end());
    scores_.resize(scores_.size() / 2);
    round_.clear();
    for (const auto& [score, candidate] : scores_) round_.push_back(candidate);
    scores_.clear();
    n_given_ = 0;
    resource_ *= 2.0;
  }

  std::size_t most_left() const override {
    std::size_t n = round_.size() - n_given_;
    for (std::size_t size = round_.size() / 2; size > 0; size /= 2) n += size;
    return n;
  }

  ParamSet params(std::size_t candidate) const override {
    return {{"number", static_cast<std::int64_t>(candidate)}};
  }

 private:
  std::vector<std::size_t> round_;
  std::vector<std::pair<double, std::size_t>> scores_;  // of this round, negative
  std::size_t n_given_ = 0;
  double resource_ = 1.0;
};

}  // namespace skarma::test
