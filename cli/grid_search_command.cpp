#include <chrono>
#include <numeric>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <skarma/cli/choice.hpp>
#include <skarma/cli/command.hpp>
#include <skarma/cli/cv_option.hpp>
#include <skarma/cli/exit_code.hpp>
#include <skarma/cli/grid_search_flags.hpp>
#include <skarma/cli/progress.hpp>
#include <skarma/cli/search_report.hpp>
#include <skarma/cli/usage_error.hpp>
#include <skarma/core/base/thread_budget.hpp>
#include <skarma/model_selection/grid_search.hpp>

namespace skarma::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kExample =
    "Example:\n"
    "  skarma grid-search --dataset breast_cancer --scale standard --solver lbfgs --seed 1 \\\n"
    "    --grid 'alpha=logspace(-3,3,7)' --cv 5 --jobs 2";

/// Some of the samples, without a copy of them.
struct Part {
  SampleView x;
  Target y;
  std::vector<double> weights;
};

Part part_of(const Samples& samples, const std::vector<RowIndex>& rows) {
  Part part{SampleView(samples.x).rows(rows), samples.y.rows(rows), {}};
  if (samples.weights.empty()) return part;
  for (const RowIndex row : rows) part.weights.push_back(samples.weights[row]);
  return part;
}

/// What to search on, and what to hold out: nothing without --test-size.
TrainTest split(const Samples& samples, const GridSearchFlags& flags) {
  if (flags.test_size.empty()) {
    TrainTest all;
    all.train.resize(samples.x.rows());
    std::iota(all.train.begin(), all.train.end(), RowIndex{0});
    return all;
  }
  const bool one_label = samples.task == Task::classification && samples.y.n_outputs() == 1;
  return train_test_split(
      samples.y, {.test_size = read_part_size("--test-size", parse_value(flags.test_size)),
                  .random_state = flags.split_seed,
                  .stratify = one_label});
}

/// One search from the flags to the last line.
class GridSearchRun {
 public:
  GridSearchRun(const GridSearchFlags& flags, const Console& console)
      : flags_(flags),
        console_(console),
        cv_(judged([&] { return parse_cv(flags.cv); })),
        scoring_(judged([&] { return flags.scoring.empty() ? Scorer() : Scorer(flags.scoring); })),
        n_threads_(judged([&] { return resolve_n_jobs(flags.n_jobs); })),
        samples_(flags.data.load()),
        estimator_(judged([&] { return flags.estimator.make(samples_.task); })),
        grid_(judged([&] { return flags.grid.make(*estimator_); })),
        rows_(judged([&] { return split(samples_, flags); })),
        train_(part_of(samples_, rows_.train)) {}

  int run() {
    const bool for_classifier = estimator_->is_classifier();
    const auto splitter = judged([&] {
      auto made = cv_.splitter(for_classifier, train_.y);
      made->split(train_.y.n_samples(), train_.y);  // says early what cannot be split
      return made;
    });
    const std::size_t n_fits = grid_.candidates().size() * splitter->n_splits();
    if (!flags_.quiet) print_plan(splitter->n_splits());
    const auto start = Clock::now();
    std::optional<ProgressLine> line(std::in_place, console_, n_fits, shown_, !flags_.quiet);
    GridSearchCV search(*estimator_, grid_, options(*line));
    search.fit(train_.x, train_.y, train_.weights);
    line.reset();
    seconds_ = std::chrono::duration<double>(Clock::now() - start).count();
    return report(search);
  }

 private:
  bool holds_out() const { return !rows_.test.empty(); }

  GridSearchOptions options(ProgressLine& line) const {
    return {.scoring = scoring_,
            .cv = cv_,
            .refit = holds_out(),
            .return_train_score = true,
            .n_jobs = n_threads_,
            .stop = console_.stop,
            .progress = [&line](const SearchProgress& progress) { line.update(progress); }};
  }

  void print_plan(std::size_t n_splits) const {
    const std::string_view scaler = flags_.estimator.scaler_name();
    const auto n_candidates = grid_.candidates().size();
    std::string text = description(samples_) + "\n";
    if (holds_out()) {
      text += fmt::format("{} samples to search on, {} held out\n", rows_.train.size(),
                          rows_.test.size());
    }
    text += fmt::format("{}{}{}: {} candidate{} x {} folds = {} fits on {} thread{}\n\n", scaler,
                        scaler.empty() ? "" : " + ", mlp_name(), n_candidates,
                        n_candidates == 1 ? "" : "s", n_splits, n_candidates * n_splits, n_threads_,
                        n_threads_ == 1 ? "" : "s");
    console_.print(text);
  }

  int report(const GridSearchCV& search) const {
    const CvResults& results = search.cv_results();
    for (const std::string& warning : search.warnings()) console_.note("warning: " + warning);
    if (results.params.empty()) {
      console_.note("skarma: interrupted before any candidate was complete");
      return kInterrupted;
    }
    std::string text;
    if (!flags_.quiet) {
      text = search_table(results, search.best_index(), console_.colour, shown_) + "\n";
    }
    text += fmt::format("best: {}, mean test score {:.6f}\n",
                        parameters_text(search.best_params(), shown_), search.best_score());
    if (holds_out() && !search.interrupted()) text += held_out_text(search);
    text += fmt::format("{} fits in {}\n", results.params.size() * search.n_splits(),
                        duration_text(seconds_));
    console_.print(text);
    if (!search.interrupted()) return kDone;
    console_.note(fmt::format("skarma: interrupted; {} of {} candidates are complete",
                              results.params.size(), grid_.candidates().size()));
    return kInterrupted;
  }

  std::string held_out_text(const GridSearchCV& search) const {
    const Part test = part_of(samples_, rows_.test);
    const double score = scoring_(search.best_estimator(), test.x, test.y, test.weights);
    return fmt::format("fitted again on {} samples, score on the {} held out: {:.6f}\n",
                       rows_.train.size(), rows_.test.size(), score);
  }

  std::string_view mlp_name() const {
    return samples_.task == Task::classification ? "MLPClassifier" : "MLPRegressor";
  }

  const GridSearchFlags& flags_;
  const Console& console_;
  const CrossValidation cv_;
  const Scorer scoring_;
  const int n_threads_;
  const Samples samples_;
  const std::unique_ptr<Estimator> estimator_;
  const ParameterGrid grid_;
  const TrainTest rows_;
  const Part train_;
  const ParameterNames shown_ = [this](std::string_view name) {
    return short_parameter_name(*estimator_, name);
  };
  double seconds_ = 0.0;
};

}  // namespace

Action add_grid_search(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "grid-search", "Cross-validate a neural network over a grid of parameters.");
  command->footer(kExample);
  const auto flags = std::make_shared<GridSearchFlags>();
  flags->add_to(*command);
  return [flags](const Console& console) { return GridSearchRun(*flags, console).run(); };
}

}  // namespace skarma::cli
