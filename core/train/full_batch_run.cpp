#include <skarma/core/train/full_batch_run.hpp>

#include <deque>
#include <utility>

namespace skarma {
namespace {

/// A run on its way.
class Minimisation {
 public:
  explicit Minimisation(FullBatchRun& run)
      : run_(run), lbfgs_(std::move(run.parameters), run.limits) {}

  /// Goes on until an evaluation is wanted; false if it has ended.
  bool asks() {
    for (;;) {
      switch (lbfgs_.next()) {
        case Lbfgs::Event::evaluate:
          if (!is_stopped()) return true;
          lbfgs_.cancel();
          break;
        case Lbfgs::Event::iterated:
          report();
          break;
        case Lbfgs::Event::ended:
          return false;
      }
    }
  }
  GradientJob job() { return {run_.model, lbfgs_.point(), lbfgs_.gradient(), run_.control.stop}; }
  /// A stop request may have ended the evaluation early: then it is not used.
  void tell(double loss) { is_stopped() ? lbfgs_.cancel() : lbfgs_.tell(loss); }

  void leave_result() {
    run_.parameters = lbfgs_.x();
    run_.result = lbfgs_.result();
  }

 private:
  bool is_stopped() const { return ended_by_observer_ || run_.control.stop.stop_requested(); }
  void report() {
    const auto& observer = run_.control.observer;
    if (observer && !observer({lbfgs_.n_iter(), lbfgs_.value(), {}, {}})) ended_by_observer_ = true;
  }

  FullBatchRun& run_;
  Lbfgs lbfgs_;
  bool ended_by_observer_ = false;
};

}  // namespace

void train(Engine& engine, std::span<FullBatchRun* const> group) {
  std::deque<Minimisation> all;  // which stay where they are
  for (FullBatchRun* const run : group) all.emplace_back(*run);
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
