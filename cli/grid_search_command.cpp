#include <algorithm>
#include <chrono>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <skarma/cli/choice.hpp>
#include <skarma/cli/cv_option.hpp>
#include <skarma/cli/exit_code.hpp>
#include <skarma/cli/flagged_command.hpp>
#include <skarma/cli/grid_search_flags.hpp>
#include <skarma/cli/output_file.hpp>
#include <skarma/cli/result_text.hpp>
#include <skarma/cli/search_progress.hpp>
#include <skarma/cli/search_report.hpp>
#include <skarma/cli/usage_error.hpp>
#include <skarma/core/base/nearest_name.hpp>
#include <skarma/core/base/thread_budget.hpp>
#include <skarma/estimators/model_file.hpp>
#include <skarma/model_selection/grid_search.hpp>

namespace skarma::cli {
namespace {

using Clock = std::chrono::steady_clock;

/// The file for all results: its name says the format. Nothing without --output.
std::optional<OutputFile> results_file(const std::string& path) {
  if (path.empty()) return std::nullopt;
  if (!path.ends_with(".csv") && !path.ends_with(".json")) {
    throw UsageError(
        fmt::format("--output: the name must end with .csv or .json; got '{}'.", path));
  }
  return OutputFile(path);
}

Scoring read_scoring(const std::vector<std::string>& names) {
  if (names.empty()) return {};
  if (names.size() == 1) return Scorer(names.front());
  return std::vector<Scorer>(names.begin(), names.end());
}

/// The names of the metrics, and which of them decides: the one of --refit, or the first.
Metrics read_metrics(const Scoring& scoring, const std::string& refit) {
  Metrics metrics{.keys = {}, .leading = 0};
  for (std::size_t i = 0; i < scoring.size(); ++i) metrics.keys.push_back(scoring.key(i));
  if (refit.empty()) return metrics;
  const auto& keys = metrics.keys;
  const auto found = std::find(keys.begin(), keys.end(), refit);
  if (!scoring.is_multimetric() || found == keys.end()) {
    throw UsageError(
        fmt::format("--refit {}: name one of several that are given to --scoring.{}", refit,
                    did_you_mean(refit, std::vector<std::string_view>(keys.begin(), keys.end()))));
  }
  metrics.leading = static_cast<std::size_t>(found - keys.begin());
  return metrics;
}

/// One search from the flags to the last line.
class GridSearchRun {
 public:
  GridSearchRun(const GridSearchFlags& flags, const Console& console)
      : flags_(flags),
        console_(console),
        cv_(judged([&] { return parse_cv(flags.cv); })),
        scoring_(judged([&] { return read_scoring(flags.scoring); })),
        metrics_(read_metrics(scoring_, flags.refit)),
        n_threads_(judged([&] { return resolve_n_jobs(flags.n_jobs); })),
        output_(results_file(flags.output)),
        model_file_(model_file(flags.save_model)),
        samples_(flags.data.load()),
        estimator_(judged([&] { return flags.estimator.make(samples_.task); })),
        grid_(judged([&] { return flags.grid.make(*estimator_); })),
        rows_(judged([&] { return flags.hold_out.split(samples_); })),
        train_(part_of(samples_, rows_.train)) {}

  int run() {
    const bool for_classifier = estimator_->is_classifier();
    const std::size_t n_samples = train_.y.n_samples();
    const std::size_t n_splits = judged([&] {
      const auto splitter = cv_.splitter(for_classifier, train_.y);
      splitter->split(n_samples, train_.y);  // says early what cannot be split
      return splitter->n_splits(n_samples);
    });
    const std::size_t n_fits = grid_.candidates().size() * n_splits;
    if (!flags_.quiet) print_plan(n_splits);
    const auto start = Clock::now();
    std::optional<SearchLine> line(std::in_place, console_, n_fits, shown_, !flags_.quiet);
    GridSearchCV search(*estimator_, grid_, options(*line));
    search.fit(train_.x, train_.y, train_.weights, samples_.feature_names);
    line.reset();
    seconds_ = std::chrono::duration<double>(Clock::now() - start).count();
    return report(search);
  }

 private:
  bool holds_out() const { return !rows_.test.empty(); }

  const std::string& leading_key() const { return metrics_.keys[metrics_.leading]; }

  GridSearchOptions options(SearchLine& line) const {
    return {.scoring = scoring_,
            .cv = cv_,
            .refit = scoring_.is_multimetric() ? Refit(leading_key())
                                               : Refit(holds_out() || model_file_),
            .return_train_score = true,
            .n_jobs = n_threads_,
            .stop = console_.stop,
            .progress = [&line](const SearchProgress& progress) { line.update(progress); }};
  }

  void print_plan(std::size_t n_splits) const {
    const auto n_candidates = grid_.candidates().size();
    std::string text = description(samples_) + "\n";
    if (holds_out()) {
      text += fmt::format("{} samples to search on, {} held out\n", rows_.train.size(),
                          rows_.test.size());
    }
    text += fmt::format("{}: {} candidate{} x {} folds = {} fits on {} thread{}\n\n",
                        flags_.estimator.description(samples_.task), n_candidates,
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
    const std::optional<double> held_out = held_out_score(search);
    const std::string failure = write_files(search, held_out);
    std::string text;
    if (!flags_.quiet) {
      text = search_table(results, metrics_, search.best_index(), console_.colour, shown_) + "\n";
    }
    text += last_lines(search, held_out);
    console_.print(text);
    if (!failure.empty()) throw std::runtime_error(failure);
    if (!search.interrupted()) return kDone;
    console_.note(fmt::format("skarma: interrupted; {} of {} candidates are complete",
                              results.params.size(), grid_.candidates().size()));
    return kInterrupted;
  }

  std::string last_lines(const GridSearchCV& search, std::optional<double> held_out) const {
    std::string text = fmt::format("best: {}, mean test {} {:.6f}\n",
                                   parameters_text(search.best_params(), shown_), leading_key(),
                                   search.best_score());
    if (held_out) {
      text += fmt::format("fitted again on {} samples, {} on the {} held out: {:.6f}\n",
                          rows_.train.size(), leading_key(), rows_.test.size(), *held_out);
    }
    if (model_file_ && !search.interrupted()) {
      text += fmt::format("the best, fitted on {} samples, is in {}\n", rows_.train.size(),
                          flags_.save_model);
    }
    return text + fmt::format("{} fits in {}\n",
                              search.cv_results().params.size() * search.n_splits(),
                              duration_text(seconds_));
  }

  std::optional<double> held_out_score(const GridSearchCV& search) const {
    if (!holds_out() || search.interrupted()) return std::nullopt;
    const Part test = part_of(samples_, rows_.test);
    return search.score(test.x, test.y, test.weights);
  }

  /// What went wrong, if anything: the table must not get lost with a file.
  std::string write_files(const GridSearchCV& search, std::optional<double> held_out) const {
    try {
      if (output_) output_->write(file_text(search, held_out));
      if (model_file_ && !search.interrupted()) {
        model_file_->write(model_to_bytes(search.best_estimator()));
      }
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "";
  }

  std::string file_text(const GridSearchCV& search, std::optional<double> held_out) const {
    if (flags_.output.ends_with(".csv")) return results_as_csv(search.cv_results(), shown_);
    return results_as_json(search, held_out, shown_);
  }

  const GridSearchFlags& flags_;
  const Console& console_;
  const CrossValidation cv_;
  const Scoring scoring_;
  const Metrics metrics_;
  const int n_threads_;
  const std::optional<OutputFile> output_;
  const std::optional<OutputFile> model_file_;
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

int grid_search(const GridSearchFlags& flags, const Console& console) {
  return GridSearchRun(flags, console).run();
}

}  // namespace

Action add_grid_search(CLI::App& app) {
  return add_flagged_command<GridSearchFlags>(
      app, "grid-search", "Cross-validate a neural network over a grid of parameters.",
      "Example:\n"
      "  skarma grid-search --dataset breast_cancer --scale standard --solver lbfgs --seed 1 \\\n"
      "    --grid 'alpha=logspace(-3,3,7)' --cv 5 --jobs 2",
      grid_search);
}

}  // namespace skarma::cli
