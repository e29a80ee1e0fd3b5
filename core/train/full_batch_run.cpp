#include <skarma/core/train/full_batch_run.hpp>

#include <algorithm>
#include <deque>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/core/base/internal/clock.hpp>
#include <skarma/core/base/internal/converted.hpp>
#include <skarma/core/optim/lbfgs.hpp>
#include <skarma/core/optim/levenberg_marquardt.hpp>

namespace skarma {
namespace {

/// The value of 'solver'.
std::string_view name_of(const FullBatchRun& run) { return run.least_squares ? "lm" : "lbfgs"; }

/// A run as its callbacks find it.
class IterationProgress final : public FitProgress {
 public:
  IterationProgress(const FullBatchRun& run, const Minimiser& minimiser)
      : run_(run), minimiser_(minimiser) {}

  const NetworkSpec& network() const override { return run_.spec.value(); }
  bool is_float32() const override { return run_.float32; }

  double learning_rate() const override { return std::numeric_limits<double>::quiet_NaN(); }
  void set_learning_rate(double) override {
    throw std::invalid_argument(fmt::format("{} has no learning rate.", name_of(run_)));
  }
  std::vector<double> parameters() override { return minimiser_.x(); }
  std::string model_bytes() override { return run_.to_bytes(minimiser_.x()); }
  std::shared_ptr<const FitCheckpoint> checkpoint() override { throw_no_checkpoint(); }
  void restore(const FitCheckpoint&) override { throw_no_checkpoint(); }

 private:
  [[noreturn]] void throw_no_checkpoint() const {
    throw std::invalid_argument(
        fmt::format("{} cannot go back: its steps know of all steps before.", name_of(run_)));
  }
  const FullBatchRun& run_;
  const Minimiser& minimiser_;
};

/// A run on its way.
class Minimisation {
 public:
  Minimisation(Engine& engine, FullBatchRun& run) : engine_(engine), run_(run) {
    if (run.least_squares) {
      minimiser_ = std::make_unique<LevenbergMarquardt>(std::move(run.parameters), run.limits);
    } else {
      minimiser_ = std::make_unique<Lbfgs>(std::move(run.parameters), run.limits);
    }
    tell_begin(&FitCallback::on_begin);
    tell_begin(&FitCallback::on_epoch_begin);
  }

  /// Goes on until an evaluation by the engine is wanted; false if it has ended.
  bool asks() {
    for (;;) {
      switch (minimiser_->next()) {
        case Minimiser::Event::evaluate:
          if (is_stopped()) {
            minimiser_->cancel();
          } else if (run_.least_squares) {
            evaluate_squares();
          } else {
            return true;
          }
          break;
        case Minimiser::Event::iterated:
          report();
          break;
        case Minimiser::Event::ended:
          return false;
      }
    }
  }
  GradientJob job() {
    return {run_.model, minimiser_->point(), minimiser_->gradient(), run_.control.stop};
  }
  /// A stop request may have ended the evaluation early: then it is not used.
  void tell(double loss) {
    for (const auto& [begin, end] : run_.frozen) {
      std::ranges::fill(minimiser_->gradient().subspan(begin, end - begin), 0.0);
    }
    is_stopped() ? minimiser_->cancel() : minimiser_->tell(loss);
  }

  void leave_result() {
    if (!run_.control.callbacks.empty()) {
      IterationProgress progress = progress_now();
      progress.has_ended = true;
      call(progress, &FitCallback::on_end);
    }
    run_.ended_by_callback = ended_by_callback_;
    run_.result = minimiser_->result();
    run_.result.value = loss();
    run_.parameters = minimiser_->x();
  }

 private:
  void evaluate_squares() {
    auto& lm = static_cast<LevenbergMarquardt&>(*minimiser_);
    const LeastSquares& squares = *run_.least_squares;
    try {
      lm.tell(lm.wants_curvature() ? squares.derivatives(lm.point(), lm.gradient(), lm.curvature(),
                                                         run_.control.stop)
                                   : squares.value(lm.point(), run_.control.stop));
    } catch (const Cancelled&) {
      lm.cancel();
    }
  }
  /// As scikit-learn has it, at x().
  double loss() const {
    const double value = minimiser_->value();
    return run_.least_squares ? run_.least_squares->loss(value, minimiser_->x()) : value;
  }
  bool is_stopped() const {
    return ended_by_observer_ || ended_by_callback_ || run_.control.stop.stop_requested();
  }
  void report() {
    EpochReport report{minimiser_->n_iter(), loss(), {}, {}};
    if (run_.validation) validate(report);
    record(report);
    const auto& observer = run_.control.observer;
    if (observer && !observer(report)) ended_by_observer_ = true;
    if (run_.control.callbacks.empty()) return;
    IterationProgress progress = progress_now();
    progress.validation_score = report.validation_score;
    progress.validation_loss = report.validation_loss;
    call(progress, &FitCallback::on_epoch);
    if (!ended_by_callback_) tell_begin(&FitCallback::on_epoch_begin);
  }
  /// Nothing, after a stop request.
  void validate(EpochReport& report) {
    const FullBatchValidation& validation = *run_.validation;
    const auto rounded = converted<float>(run_.float32 ? minimiser_->x() : std::vector<double>());
    const AnyParameters parameters = run_.float32
                                         ? AnyParameters(std::span<const float>(rounded))
                                         : AnyParameters(std::span<const double>(minimiser_->x()));
    try {
      const Matrix<double> outputs =
          engine_.predict({run_.spec.value(), parameters, validation.samples, run_.control.stop});
      report.validation_score = validation.score(outputs);
      report.validation_loss = validation.loss(outputs);
    } catch (const Cancelled&) {
    }
  }
  void record(const EpochReport& report) {
    constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
    HistoryTable& history = run_.history;
    history.loss.push_back(report.loss);
    history.validation_score.push_back(report.validation_score.value_or(kNone));
    history.validation_loss.push_back(report.validation_loss.value_or(kNone));
    history.learning_rate.push_back(kNone);
    history.seconds.push_back(seconds_since(iteration_begun_));
    iteration_begun_ = Clock::now();
  }

  IterationProgress progress_now() const {
    IterationProgress progress(run_, *minimiser_);
    progress.n_iter = minimiser_->n_iter();
    progress.max_iter = run_.limits.max_iter;
    if (minimiser_->n_iter() > 0) progress.loss = loss();
    progress.seconds = seconds_since(begun_);
    return progress;
  }
  void call(IterationProgress& progress, void (FitCallback::*event)(FitProgress&)) {
    for (const auto& callback : run_.control.callbacks) (callback.get()->*event)(progress);
    ended_by_callback_ = ended_by_callback_ || progress.is_stopped();
  }
  void tell_begin(void (FitCallback::*event)(FitProgress&)) {
    if (run_.control.callbacks.empty()) return;
    IterationProgress progress = progress_now();
    call(progress, event);
  }

  Engine& engine_;
  FullBatchRun& run_;
  std::unique_ptr<Minimiser> minimiser_;
  Clock::time_point begun_ = Clock::now(), iteration_begun_ = begun_;
  bool ended_by_observer_ = false;
  bool ended_by_callback_ = false;
};

}  // namespace

void train(Engine& engine, std::span<FullBatchRun* const> group) {
  std::deque<Minimisation> all;  // which stay where they are
  for (FullBatchRun* const run : group) all.emplace_back(engine, *run);
  std::vector<Minimisation*> asking;
  std::vector<GradientJob> jobs;
  std::vector<double> losses;
  for (;;) {
    asking.clear();
    jobs.clear();
    for (Minimisation& one : all) {
      if (!one.asks()) continue;
      asking.push_back(&one);
      jobs.push_back(one.job());
    }
    if (jobs.empty()) break;
    losses.resize(jobs.size());
    engine.gradients(jobs, losses);
    for (std::size_t i = 0; i < asking.size(); ++i) asking[i]->tell(losses[i]);
  }
  for (Minimisation& one : all) one.leave_result();
}

void settle(Engine& engine, std::span<FullBatchRun* const> group) {
  std::vector<GradientJob> jobs;
  std::vector<std::vector<double>> gradients;
  for (const FullBatchRun* run : group) {
    auto& gradient = gradients.emplace_back(run->parameters.size());
    jobs.push_back({run->model, run->parameters, gradient, run->control.stop});
  }
  std::vector<double> losses(jobs.size());
  engine.gradients(jobs, losses);
}

}  // namespace skarma
