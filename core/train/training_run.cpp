#include <skarma/core/train/training_run.hpp>

#include <algorithm>
#include <chrono>
#include <numeric>

#include <skarma/core/base/errors.hpp>

namespace skarma {
namespace {

using Clock = std::chrono::steady_clock;

/// How long the engine may be left alone when somebody may ask to stop.
constexpr std::chrono::duration<double> kPatience{0.05};

/// A run that is still going, with what only the loop needs.
template <class T>
struct Going {
  TrainingRun<T>* run;
  std::vector<RowIndex> order;  // shuffled again each epoch: permutations accumulate
  EpochLoss epoch;
  bool ended = false;

  explicit Going(TrainingRun<T>& r) : run(&r), order(r.n_samples) {
    std::iota(order.begin(), order.end(), RowIndex{0});
  }

  std::size_t n_batches() const {
    return (order.size() + run->settings.batch_size - 1) / run->settings.batch_size;
  }
  void end(StopReason reason) {
    run->stop_reason = reason;
    ended = true;
  }
};

/// Trains the batches [begin, end) of every model's epoch (as far as it has so many).
template <class T>
void train_batches(Engine<T>& engine, std::vector<Going<T>>& group, std::size_t begin,
                   std::size_t end, std::vector<EpochRange>& ranges,
                   std::vector<EpochLoss>& losses) {
  ranges.clear();
  losses.clear();
  for (const Going<T>& going : group) {
    const TrainingRun<T>& run = *going.run;
    const std::size_t last = std::min(end, going.n_batches());
    ranges.push_back({run.model, going.order, run.settings.batch_size, std::min(begin, last), last,
                      run.rate.current});
    losses.push_back(going.epoch);
  }
  engine.train(ranges, losses);
  for (std::size_t i = 0; i < group.size(); ++i) group[i].epoch = losses[i];
}

/// One epoch of every model; false if one of them was asked to stop in the middle.
template <class T>
class EpochTrainer {
 public:
  bool train_epoch(Engine<T>& engine, std::vector<Going<T>>& group) {
    std::size_t n_batches = 0;
    bool stoppable = false;
    for (Going<T>& going : group) {
      if (going.run->settings.shuffle) going.run->random_state->shuffle(std::span(going.order));
      going.epoch = {};
      n_batches = std::max(n_batches, going.n_batches());
      stoppable = stoppable || going.run->control.stop.stop_possible();
    }
    if (!stoppable) {
      train_batches(engine, group, 0, n_batches, ranges_, losses_);
      return true;
    }
    for (std::size_t begin = 0; begin < n_batches;) {
      for (Going<T>& going : group) {
        if (going.run->control.stop.stop_requested()) return false;
      }
      const auto started = Clock::now();
      const std::size_t end = std::min(n_batches, begin + slice_);
      train_batches(engine, group, begin, end, ranges_, losses_);
      adapt_slice(end - begin, Clock::now() - started);
      begin = end;
    }
    return true;
  }

 private:
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
template <class T>
void watch_loss(TrainingRun<T>& run) {
  TrainingHistory& history = run.history;
  if (history.loss > *history.best_loss - run.settings.tol) {
    ++history.no_improvement_count;
  } else {
    history.no_improvement_count = 0;
  }
  if (history.loss < *history.best_loss) history.best_loss = history.loss;
}

/// The same for the score on held-out samples, keeping the parameters of the best epoch.
template <class T>
void watch_validation(Engine<T>& engine, TrainingRun<T>& run, double score) {
  TrainingHistory& history = run.history;
  history.validation_scores->push_back(score);
  if (score < *history.best_validation_score + run.settings.tol) {
    ++history.no_improvement_count;
  } else {
    history.no_improvement_count = 0;
  }
  if (score > *history.best_validation_score) {
    history.best_validation_score = score;
    run.best_parameters = engine.save(run.model).parameters;
  }
}

/// The score on held-out samples, if there are any; nothing after a stop request in the middle.
template <class T>
std::optional<double> validation_score(Engine<T>& engine, const TrainingRun<T>& run) {
  if (!run.validation) return std::nullopt;
  try {
    return run.validation->score(
        engine.evaluate(run.model, run.validation->data, run.control.stop));
  } catch (const Cancelled&) {
    return std::nullopt;
  }
}

template <class T>
void finish_epoch(Engine<T>& engine, Going<T>& going) {
  TrainingRun<T>& run = *going.run;
  TrainingHistory& history = run.history;
  const auto score = validation_score(engine, run);
  if (run.validation && !score) {
    going.end(StopReason::interrupted);
    return;
  }
  ++history.n_iter;
  history.t += static_cast<std::int64_t>(run.n_samples);
  history.loss = going.epoch.loss_sum / static_cast<double>(run.n_samples);
  history.loss_curve.push_back(history.loss);
  if (score) {
    watch_validation(engine, run, *score);
  } else {
    watch_loss(run);
  }
  run.rate.after_epoch(history.t);

  EpochReport report{history.n_iter, history.loss, score, {}};
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

}  // namespace

template <class T>
void train(Engine<T>& engine, std::span<TrainingRun<T>> group) {
  std::vector<Going<T>> going;
  for (TrainingRun<T>& run : group) {
    run.history.n_iter = 0;
    going.emplace_back(run);
  }
  EpochTrainer<T> trainer;
  while (!going.empty()) {
    if (trainer.train_epoch(engine, going)) {
      for (Going<T>& one : going) finish_epoch(engine, one);
    } else {
      for (Going<T>& one : going) one.end(StopReason::interrupted);
    }
    std::erase_if(going, [](const Going<T>& one) { return one.ended; });
  }
  for (TrainingRun<T>& run : group) {
    if (run.validation && !run.best_parameters.empty()) {
      engine.write(run.model, run.best_parameters);  // after an interruption too
    }
  }
}

template void train<float>(Engine<float>&, std::span<TrainingRun<float>>);
template void train<double>(Engine<double>&, std::span<TrainingRun<double>>);

}  // namespace skarma
