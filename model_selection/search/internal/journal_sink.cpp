#include <skarma/model_selection/search/internal/journal_sink.hpp>

#include <memory>
#include <random>
#include <utility>

#include <skarma/model_selection/search/internal/digests.hpp>

namespace skarma {
namespace {

/// Of the fit or of a score.
bool has_failed(const FitResult& result) {
  return !result.fit_error.empty() || !result.score_errors.empty();
}

}  // namespace

JournalSink::JournalSink(Journal& journal, const SearchDescription& search,
                         ExhaustiveSource& source, Others others, ResultSink& sink)
    : journal_(journal), source_(source), others_(std::move(others)), sink_(sink) {
  digests_.reserve(source.candidates().size());
  for (const ParamSet& candidate : source.candidates()) digests_.push_back(digest_of(candidate));
  states_.assign(source.n_fits(), State::open);
  const bool is_new = journal.open(search);
  source.leave_out([this](const Trial& trial) { return is_left_out(trial); });
  take_recorded();
  // Others may be at work on what is left: who comes later begins elsewhere.
  if (!is_new) source.shuffle(std::random_device()());
}

void JournalSink::take_recorded() {
  for (std::size_t i = 0; i < states_.size(); ++i) {
    if (is_others(trial(i))) continue;
    const auto result = journal_.find(key(trial(i)));
    if (!result) continue;
    if (has_failed(*result)) {
      states_[i] = State::failed_before;
      continue;
    }
    states_[i] = State::done;
    ++n_recorded_;
    hand_on(trial(i), *result);
  }
}

bool JournalSink::is_left_out(const Trial& trial) {
  if (is_others(trial)) return true;
  std::optional<FitResult> result;
  {
    const std::lock_guard lock(mutex_);
    if (state(trial) == State::done) return true;
    if (state(trial) == State::failed_before) return false;
    result = journal_.find(key(trial));
    if (!result) return false;
    state(trial) = State::done;
  }
  hand_on(trial, *result);
  return true;
}

void JournalSink::take(const FitReport& report) {
  if (!report.result.done) return sink_.take(report);
  const Trial trial{.candidate = report.candidate, .fold = report.fold};
  std::optional<FitResult> others;
  {
    const std::lock_guard lock(mutex_);
    const bool kept =
        journal_.append(key(trial), trial, source_.params(trial.candidate), report.result);
    state(trial) = State::done;
    if (!kept) others = journal_.find(key(trial));
  }
  // The table has what the journal has: its times, too.
  sink_.take({report.candidate, report.fold, others ? *others : report.result, report.estimator});
}

void JournalSink::hand_on(const Trial& trial, const FitResult& result) {
  std::unique_ptr<Estimator> none;
  sink_.take({trial.candidate, trial.fold, result, none});
}

std::size_t JournalSink::n_missing() {
  std::size_t n = 0;
  for (std::size_t i = 0; i < states_.size(); ++i) {
    if (states_[i] != State::done && !journal_.find(key(trial(i)))) ++n;
  }
  return n;
}

}  // namespace skarma
