#include <skarma/core/train/training_run.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <unordered_set>
#include <vector>

#include <skarma/core/train/epoch_orders.hpp>

namespace skarma {
namespace {

using Clock = std::chrono::steady_clock;

/// How long the engine may be left alone when somebody may ask to stop.
constexpr std::chrono::duration<double> kPatience{0.05};

/// A run that is still going, with what only the loop needs.
struct Going {
  TrainingRun* run;
  std::shared_ptr<EpochOrder> order;
  EpochLoss epoch{};
  bool ended = false;

  std::size_t n_batches() const {
    return (run->n_samples + run->settings.batch_size - 1) / run->settings.batch_size;
  }
  void end(StopReason reason) {
    run->stop_reason = reason;
    ended = true;
  }
};

using Group = std::vector<Going>;

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
    for (Going& going : group) {
      going.epoch = {};
      n_batches = std::max(n_batches, going.n_batches());
      stoppable = stoppable || going.run->control.stop.stop_possible();
    }
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
  /// Trains the batches [begin, end) of every model's epoch (as far as it has so many).
  void train_batches(Engine& engine, Group& group, std::size_t begin, std::size_t end) {
    ranges_.clear();
    losses_.clear();
    for (const Going& going : group) {
      const TrainingRun& run = *going.run;
      const std::size_t last = going.ended ? 0 : std::min(end, going.n_batches());
      ranges_.push_back({run.model, going.order->positions(), run.settings.batch_size,
                         std::min(begin, last), last, run.rate.current});
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
  history.validation_scores->push_back(score);
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
void judge_epoch(Going& going, EpochReport& report) {
  TrainingRun& run = *going.run;
  TrainingHistory& history = run.history;
  if (history.no_improvement_count > run.settings.n_iter_no_change) {
    if (run.rate.agrees_to_stop()) {
      going.end(StopReason::converged);
    } else {
      history.no_improvement_count = 0;
      report.lowered_rate = run.rate.current;
    }
  }
  if (!going.ended && run.settings.one_epoch) going.end(StopReason::one_epoch);
  if (!going.ended && history.n_iter == run.settings.max_iter) going.end(StopReason::max_iter);
  if (run.control.observer && !run.control.observer(report) && !going.ended) {
    going.end(StopReason::interrupted);
  }
}

void finish_epoch(Engine& engine, Going& going, std::optional<double> score) {
  TrainingRun& run = *going.run;
  TrainingHistory& history = run.history;
  ++history.n_iter;
  history.t += static_cast<std::int64_t>(run.n_samples);
  history.loss = going.epoch.loss_sum / static_cast<double>(run.n_samples);
  history.loss_curve.push_back(history.loss);
  if (score) {
    watch_validation(engine, run, *score);
  } else {
    watch_loss(run);
  }
  run.rate.after_epoch(history.t, score ? -*score : history.loss, run.settings.tol);
  EpochReport report{history.n_iter, history.loss, score, {}};
  judge_epoch(going, report);
}

/// The outputs for the held-out samples of all runs that have some; nothing for one that was asked
/// to stop in the middle.
std::vector<std::optional<Matrix<double>>> validation_outputs(Engine& engine, const Group& group) {
  std::vector<EvaluationJob> jobs;
  for (const auto& [run, order, epoch, ended] : group) {
    if (!run->validation || ended) continue;
    jobs.push_back({run->model, run->validation->data, run->control.stop});
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
      finish_epoch(engine, going, going.run->validation->score(*of_held_out));
    } else {
      going.end(StopReason::interrupted);
    }
  }
}

void leave_ended(Group& group) {
  for (const Going& going : group) {
    if (going.ended) going.order->leave(*going.run);
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
    if (run.validation && run.validation->keep_start) engine.keep(run.model);
    group.push_back({&run, orders[i]});
  }
  EpochTrainer trainer;
  while (!group.empty()) {
    trainer.train_epoch(engine, group);
    finish_epochs(engine, group);
    leave_ended(group);
  }
  for (const TrainingRun* const run : runs) {
    if (run->validation) engine.restore(run->model);  // after an interruption too
  }
}

}  // namespace skarma
