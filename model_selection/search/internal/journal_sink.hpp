#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include <skarma/model_selection/search/exhaustive_source.hpp>
#include <skarma/model_selection/search/journal.hpp>
#include <skarma/model_selection/search/result_sink.hpp>
#include <skarma/model_selection/search/shard.hpp>

namespace skarma {

/// Writes each fit to a journal before the next sink takes it, and hands that sink the ones that
/// the journal has, as if they had been fitted: those that were there at first, and those that
/// other processes append before their turn comes here. Fits that had failed are done again. All
/// that is given must outlive this, and this the source's trials.
class JournalSink final : public ResultSink {
 public:
  /// Which fits are not for this process: of other shares, or left out when it is asked.
  struct Others {
    std::optional<Shard> shard{};
    std::function<bool(const Trial&)> leave_out{};
  };

  /// Opens the journal and leaves out of the source what need not be fitted.
  JournalSink(Journal& journal, const SearchDescription& search, ExhaustiveSource& source,
              Others others, ResultSink& sink);

  /// Fits that were in the journal at first, of this process's share.
  std::size_t n_recorded() const { return n_recorded_; }
  /// How many fits of the whole search the journal does not have. For the end.
  std::size_t n_missing();

  void take(const FitReport& report) override;

 private:
  enum class State : std::uint8_t { open, failed_before, done };

  FitKey key(const Trial& trial) const { return {digests_[trial.candidate], trial.fold}; }
  State& state(const Trial& trial) { return states_[number(trial)]; }
  std::size_t number(const Trial& trial) const {
    return trial.candidate * source_.n_folds() + trial.fold;
  }
  Trial trial(std::size_t number) const {
    return {.candidate = number / source_.n_folds(), .fold = number % source_.n_folds()};
  }
  bool is_others(const Trial& trial) const {
    if (others_.shard && !others_.shard->has(number(trial))) return true;
    return others_.leave_out && others_.leave_out(trial);
  }
  void take_recorded();
  bool is_left_out(const Trial& trial);
  void hand_on(const Trial& trial, const FitResult& result);

  Journal& journal_;
  const ExhaustiveSource& source_;
  Others others_;
  ResultSink& sink_;
  std::size_t n_recorded_ = 0;
  std::mutex mutex_;  // for the journal and what is below
  std::vector<Digest> digests_;
  std::vector<State> states_;
};

}  // namespace skarma
