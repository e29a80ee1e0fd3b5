#include <skarma/core/train/training_run.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <memory>
#include <stdexcept>
#include <unordered_set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <skarma/core/base/internal/clock.hpp>
#include <skarma/core/base/internal/converted.hpp>
#include <skarma/core/train/epoch_orders.hpp>

namespace skarma {
namespace {

/// How long the engine may be left alone when somebody may ask to stop.
constexpr std::chrono::duration<double> kPatience{0.05};

/// A run that is still going, with what only the loop needs.
struct Going {
  TrainingRun* run;
  std::shared_ptr<EpochOrder> order;
  EpochLoss epoch{};
  bool ended = false;
  Clock::time_point begun = Clock::now();
  Clock::time_point epoch_begun = begun;
  bool stops_after_epoch = false;  // a callback asked for it in the middle

  std::size_t n_batches() const {
    return (run->n_samples + run->settings.batch_size - 1) / run->settings.batch_size;
  }
  void end(StopReason reason) {
    run->stop_reason = reason;
    ended = true;
  }
};

using Group = std::vector<Going>;

class StateThen final : public FitCheckpoint {
 public:
  explicit StateThen(AnyModelState then) : state(std::move(then)) {}
  AnyModelState state;
};

/// A run as its callbacks find it.
class RunProgress final : public FitProgress {
 public:
  RunProgress(Engine& engine, const Going& going) : engine_(engine), run_(*going.run) {
    n_iter = run_.history.n_iter;
    max_iter = run_.settings.n_epochs > 0 ? run_.settings.n_epochs : run_.settings.max_iter;
    n_batches = going.n_batches();
    batch = n_batches;
    loss = run_.history.loss;
    seconds = seconds_since(going.begun);
    has_ended = going.ended;
  }

  double learning_rate() const override { return run_.rate.current; }
  void set_learning_rate(double rate) override {
    if (!(rate > 0.0) || !std::isfinite(rate)) {
      throw std::invalid_argument(
          fmt::format("A learning rate must be positive and finite. Got {} instead.", rate));
    }
    run_.rate.set(rate);
  }
  const NetworkSpec& network() const override { return run_.spec.value(); }
  bool is_float32() const override { return run_.float32; }
  std::vector<double> parameters() override {
    const auto in_double = []<class T>(ModelState<T>&& state) {
      return converted<double>(std::move(state.parameters));
    };
    return std::visit(in_double, engine_.read_state(run_.model));
  }
  std::string model_bytes() override { return run_.to_bytes(parameters()); }
  std::shared_ptr<const FitCheckpoint> checkpoint() override {
    return std::make_shared<const StateThen>(engine_.read_state(run_.model));
  }
  void restore(const FitCheckpoint& checkpoint) override {
    const auto* const then = dynamic_cast<const StateThen*>(&checkpoint);
    if (then == nullptr) throw std::invalid_argument("This is no checkpoint of such a fit.");
    engine_.write_state(run_.model, then->state);
  }

 private:
  Engine& engine_;
  TrainingRun& run_;
};

/// Calls them all; whether one of them asked to stop.
bool call(const TrainingRun& run, RunProgress& progress, void (FitCallback::*event)(FitProgress&)) {
  for (const auto& callback : run.control.callbacks) (callback.get()->*event)(progress);
  return progress.is_stopped();
}

/// Those of an event that has nothing to tell but how far the runs are.
void call_all(Engine& engine, Group& group, void (FitCallback::*event)(FitProgress&)) {
  for (Going& going : group) {
    if (going.ended || going.run->control.callbacks.empty()) continue;
    RunProgress progress(engine, going);
    if (call(*going.run, progress, event)) going.end(StopReason::callback);
  }
}

bool watches_batches(const Going& going) {
  return std::ranges::any_of(going.run->control.callbacks,
                             [](const auto& callback) { return callback->wants_batches(); });
}

/// Of all runs that have trained batch number `batch`.
void call_on_batch(Engine& engine, Group& group, std::size_t batch) {
  for (Going& going : group) {
    const TrainingRun& run = *going.run;
    if (going.ended || batch >= going.n_batches() || !watches_batches(going)) continue;
    RunProgress progress(engine, going);
    progress.batch = batch + 1;
    const std::size_t seen = std::min(run.n_samples, progress.batch * run.settings.batch_size);
    progress.loss = going.epoch.loss_sum / static_cast<double>(seen);
    for (const auto& callback : run.control.callbacks) {
      if (callback->wants_batches()) callback->on_batch(progress);
    }
    going.stops_after_epoch = going.stops_after_epoch || progress.is_stopped();
  }
}

/// Each order once, which runs that have it in common stand for.
void shuffle_orders(const Group& group) {
  std::unordered_set<const EpochOrder*> shuffled;
  for (const Going& going : group) {
    if (group.size() == 1 || shuffled.insert(going.order.get()).second) going.order->shuffle();
  }
}

void end_stopped(Group& group) {
  for (Going& going : group) {
    if (going.run->control.stop.stop_requested()) going.end(StopReason::interrupted);
  }
}

/// Takes every model of a group through an epoch.
class EpochTrainer {
 public:
  /// Runs that are asked to stop in the middle end there.
  void train_epoch(Engine& engine, Group& group) {
    std::size_t n_batches = 0;
    bool stoppable = false;
    shuffle_orders(group);
    bool watched = false;
    for (Going& going : group) {
      going.epoch = {};
      going.epoch_begun = Clock::now();
      n_batches = std::max(n_batches, going.n_batches());
      stoppable = stoppable || going.run->control.stop.stop_possible();
      watched = watched || watches_batches(going);
    }
    if (watched) return train_watched(engine, group, n_batches);
    if (!stoppable) return train_batches(engine, group, 0, n_batches);
    for (std::size_t begin = 0; begin < n_batches;) {
      end_stopped(group);
      if (std::ranges::all_of(group, &Going::ended)) return;
      const auto started = Clock::now();
      const std::size_t end = std::min(n_batches, begin + slice_);
      train_batches(engine, group, begin, end);
      adapt_slice(end - begin, Clock::now() - started);
      begin = end;
    }
  }

 private:
  /// One batch after another.
  void train_watched(Engine& engine, Group& group, std::size_t n_batches) {
    for (std::size_t batch = 0; batch < n_batches; ++batch) {
      end_stopped(group);
      if (std::ranges::all_of(group, &Going::ended)) return;
      train_batches(engine, group, batch, batch + 1);
      call_on_batch(engine, group, batch);
    }
  }

  /// Trains the batches [begin, end) of every model's epoch (as far as it has so many).
  void train_batches(Engine& engine, Group& group, std::size_t begin, std::size_t end) {
    ranges_.clear();
    losses_.clear();
    for (const Going& going : group) {
      const TrainingRun& run = *going.run;
      const std::size_t last = going.ended ? 0 : std::min(end, going.n_batches());
      ranges_.push_back({run.model, going.order->positions(), run.settings.batch_size,
                         std::min(begin, last), last, run.rate.current,
                         run.history.loss_curve.size()});
      losses_.push_back(going.epoch);
    }
    engine.train(ranges_, losses_);
    for (std::size_t i = 0; i < group.size(); ++i) group[i].epoch = losses_[i];
  }

  void adapt_slice(std::size_t done, std::chrono::duration<double> took) {
    if (took > kPatience) {
      slice_ = std::max<std::size_t>(1, slice_ / 2);
    } else if (done == slice_ && took < kPatience / 4) {
      slice_ *= 2;
    }
  }

  std::size_t slice_ = 16;
  std::vector<EpochRange> ranges_;
  std::vector<EpochLoss> losses_;
};

/// Counts epochs without improvement of the loss. The comparisons are scikit-learn's, so that a NaN
/// loss counts as an improvement.
void watch_loss(TrainingRun& run) {
  TrainingHistory& history = run.history;
  if (history.loss > *history.best_loss - run.settings.tol) {
    ++history.no_improvement_count;
  } else {
    history.no_improvement_count = 0;
  }
  if (history.loss < *history.best_loss) history.best_loss = history.loss;
}

/// The same for the score on held-out samples; the engine keeps the parameters of the best epoch.
void watch_validation(Engine& engine, TrainingRun& run, double score) {
  TrainingHistory& history = run.history;
  if (score < *history.best_validation_score + run.settings.tol) {
    ++history.no_improvement_count;
  } else {
    history.no_improvement_count = 0;
  }
  if (score > *history.best_validation_score) {
    history.best_validation_score = score;
    engine.keep(run.model);
  }
}

/// What an epoch that is complete has to say: ends the run, or lowers the rate.
void judge_epoch(Engine& engine, Going& going, EpochReport& report) {
  TrainingRun& run = *going.run;
  TrainingHistory& history = run.history;
  const int n_epochs = run.settings.n_epochs;
  if (history.no_improvement_count > run.settings.n_iter_no_change) {
    if (run.rate.agrees_to_stop()) {
      if (history.n_iter >= n_epochs) going.end(StopReason::converged);
    } else {
      history.no_improvement_count = 0;
      report.lowered_rate = run.rate.current;
    }
  }
  const int last = n_epochs > 0 ? n_epochs : run.settings.max_iter;
  if (!going.ended && history.n_iter >= last) {
    going.end(n_epochs > 0 ? StopReason::one_epoch : StopReason::max_iter);
  }
  if (run.control.observer && !run.control.observer(report) && !going.ended) {
    going.end(StopReason::interrupted);
  }
  if (run.control.callbacks.empty()) return;
  RunProgress progress(engine, going);
  progress.validation_score = report.validation_score;
  progress.validation_loss = report.validation_loss;
  if (run.counts_right) progress.accuracy = history.accuracies.values().back();
  const bool stops = call(run, progress, &FitCallback::on_epoch) || going.stops_after_epoch;
  if (stops && !going.ended) going.end(StopReason::callback);
}

/// Columns of the history are as long as the loss curve, or end with the last figure.
void push_padded(LossCurve& curve, std::size_t place, double value) {
  while (curve.size() < place) curve.push_back(std::numeric_limits<double>::quiet_NaN());
  curve.push_back(value);
}

/// What the samples for validation say of an epoch.
struct Figures {
  double score;
  std::optional<double> loss;
};

void record(TrainingHistory& history, const Figures& figures) {
  const std::size_t place = history.loss_curve.size() - 1;
  if (!history.validation_scores) history.validation_scores.emplace();
  auto& scores = *history.validation_scores;
  scores.resize(std::max(place, scores.size()), std::numeric_limits<double>::quiet_NaN());
  scores.push_back(figures.score);
  if (figures.loss) push_padded(history.validation_losses, place, *figures.loss);
}

void finish_epoch(Engine& engine, Going& going, const std::optional<Figures>& figures) {
  TrainingRun& run = *going.run;
  TrainingHistory& history = run.history;
  ++history.n_iter;
  history.t += static_cast<std::int64_t>(run.n_samples);
  history.loss = going.epoch.loss_sum / static_cast<double>(run.n_samples);
  history.loss_curve.push_back(history.loss);
  if (run.counts_right) {
    push_padded(history.accuracies, history.loss_curve.size() - 1,
                static_cast<double>(going.epoch.n_right) / static_cast<double>(run.n_samples));
  }
  push_padded(history.learning_rates, history.loss_curve.size() - 1, run.rate.current);
  push_padded(history.seconds, history.loss_curve.size() - 1, seconds_since(going.epoch_begun));
  if (figures) record(history, *figures);
  const bool decides = figures && run.validation->decides;
  if (decides) {
    watch_validation(engine, run, figures->score);
  } else {
    watch_loss(run);
  }
  run.rate.after_epoch(history.t, decides ? -figures->score : history.loss, run.settings.tol);
  EpochReport report{history.n_iter, history.loss, {}, {}};
  if (figures) {
    report.validation_score = figures->score;
    report.validation_loss = figures->loss;
  }
  judge_epoch(engine, going, report);
}

Figures figures_of(const Validation& validation, const Matrix<double>& outputs) {
  Figures figures{validation.score(outputs), {}};
  if (validation.loss) figures.loss = validation.loss(outputs);
  return figures;
}

/// The outputs for the held-out samples of all runs that have some; nothing for one that was asked
/// to stop in the middle.
std::vector<std::optional<Matrix<double>>> validation_outputs(Engine& engine, const Group& group) {
  std::vector<EvaluationJob> jobs;
  for (const Going& going : group) {
    const TrainingRun& run = *going.run;
    if (!run.validation || going.ended) continue;
    jobs.push_back({run.model, run.validation->data, run.control.stop});
  }
  std::vector<std::optional<Matrix<double>>> outputs(jobs.size());
  if (!jobs.empty()) engine.evaluate(jobs, outputs);
  return outputs;
}

void finish_epochs(Engine& engine, Group& group) {
  const auto outputs = validation_outputs(engine, group);
  auto next = outputs.begin();
  for (Going& going : group) {
    if (going.ended) continue;
    if (!going.run->validation) {
      finish_epoch(engine, going, std::nullopt);
    } else if (const auto& of_held_out = *next++) {
      finish_epoch(engine, going, figures_of(*going.run->validation, *of_held_out));
    } else {
      going.end(StopReason::interrupted);
    }
  }
}

bool stops_early(const TrainingRun& run) { return run.validation && run.validation->decides; }

/// After an interruption too, with early stopping the parameters are those of the best epoch.
void leave_ended(Engine& engine, Group& group) {
  for (const Going& going : group) {
    if (!going.ended) continue;
    going.order->leave(*going.run);
    if (stops_early(*going.run)) engine.restore(going.run->model);
    if (going.run->control.callbacks.empty()) continue;
    RunProgress progress(engine, going);
    call(*going.run, progress, &FitCallback::on_end);
  }
  std::erase_if(group, [](const Going& going) { return going.ended; });
}

}  // namespace

void train(Engine& engine, std::span<TrainingRun* const> runs) {
  const auto orders = epoch_orders(runs);
  Group group;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    TrainingRun& run = *runs[i];
    run.history.n_iter = 0;
    run.history.iterations.reset();
    if (stops_early(run) && run.validation->keep_start) engine.keep(run.model);
    group.push_back({&run, orders[i]});
  }
  EpochTrainer trainer;
  call_all(engine, group, &FitCallback::on_begin);
  leave_ended(engine, group);
  while (!group.empty()) {
    call_all(engine, group, &FitCallback::on_epoch_begin);
    trainer.train_epoch(engine, group);
    finish_epochs(engine, group);
    leave_ended(engine, group);
  }
}

}  // namespace skarma
