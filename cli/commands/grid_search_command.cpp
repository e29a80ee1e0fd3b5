#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <exception>
#include <limits>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <skarma/cli/commands/flagged_command.hpp>
#include <skarma/cli/commands/search_outputs.hpp>
#include <skarma/cli/exit_code.hpp>
#include <skarma/cli/input/fitted_model.hpp>
#include <skarma/cli/options/cv_option.hpp>
#include <skarma/cli/options/grid_search_flags.hpp>
#include <skarma/cli/output/result_table.hpp>
#include <skarma/cli/output/search_notes.hpp>
#include <skarma/cli/output/search_progress.hpp>
#include <skarma/cli/usage_error.hpp>
#include <skarma/cli/wording.hpp>
#include <skarma/core/base/nearest_name.hpp>
#include <skarma/core/parallel/thread_budget.hpp>
#include <skarma/model_selection/grid_search.hpp>

namespace skarma::cli {
namespace {

using Clock = std::chrono::steady_clock;

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

/// Throws UsageError where fits that are to be repeated draw from another stream each time.
void check_seed(const Estimator& estimator, const ParameterGrid& grid) {
  const ParamSet first = ParamSets(grid)[0];
  const bool is_searched = std::any_of(first.begin(), first.end(), [](const auto& parameter) {
    return parameter.first.ends_with("random_state");
  });
  const auto seed = estimator.parameter("random_state");
  if (is_searched || !seed || !std::holds_alternative<None>(*seed)) return;
  throw UsageError("--journal needs --seed N: without one a fit cannot be repeated.");
}

/// Throws if some fits could not be done for a reason that is not theirs.
void check_memory(const GridSearchCV& search) {
  for (const std::string& warning : search.warnings()) {
    if (warning.find("memory") == std::string::npos) continue;
    throw std::runtime_error(
        "there was not enough memory for some of the fits: their scores are missing; fewer --jobs "
        "take less");
  }
}

/// Throws if no candidate of a whole search can be called the best, or some could not be fitted for
/// a reason that is not theirs.
void check_scores(const GridSearchCV& search) {
  if (search.interrupted()) return;
  if (std::isnan(search.best_score())) {
    throw std::runtime_error("no candidate has a score: none is the best");
  }
  check_memory(search);
}

/// "3/10"; nothing for an empty text. Throws UsageError for anything else.
std::optional<Shard> read_shard(const std::string& text) {
  if (text.empty()) return {};
  const auto slash = text.find('/');
  const auto number_in = [](std::string_view digits) {
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error == std::errc() && end == digits.data() + digits.size() ? value : 0;
  };
  if (slash != std::string::npos) {
    const std::string_view view = text;
    const Shard shard{number_in(view.substr(0, slash)), number_in(view.substr(slash + 1))};
    if (shard.number >= 1 && shard.number <= shard.count) return shard;
  }
  throw UsageError(
      fmt::format("--shard must be a share of several, such as 1/10 ... 10/10; got '{}'.", text));
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
        n_threads_(judged([&] { return useful_threads(flags.n_jobs); })),
        shard_(read_shard(flags.shard)),
        outputs_(flags),
        report_console_(outputs_.report_console(console)),
        printer_(report_console_, outputs_.any()),
        samples_(said(flags.data.load(), flags.quiet, console)),
        estimator_(judged([&] { return flags.estimator.make(samples_.task); })),
        grid_(judged([&] { return flags.grid.make(*estimator_); })),
        rows_(judged([&] { return flags.hold_out.split(samples_); })),
        train_(part_of(samples_, rows_.train)) {
    if (outputs_.journal() != nullptr) check_seed(*estimator_, grid_);
  }

  int run() {
    if (console_.stop.stop_requested()) return interrupted_before_any();
    const bool for_classifier = estimator_->is_classifier();
    const std::size_t n_samples = train_.y.n_samples();
    std::string warning;
    const std::size_t n_splits = judged([&] {
      const auto splitter = cv_.splitter(for_classifier, train_.y);
      splitter->splits(n_samples, train_.y);  // says early what cannot be split
      warning = few_members_warning(*splitter, train_.y);
      return splitter->n_splits(n_samples);
    });
    const std::size_t n_fits = grid_.size() * n_splits;
    if (!flags_.quiet) print_plan(n_splits);
    if (!warning.empty()) console_.note("warning: " + warning);
    const auto start = Clock::now();
    std::optional<SearchLine> line(std::in_place, console_, n_fits, shown_, !flags_.quiet);
    GridSearchCV search(*estimator_, grid_, options(*line));
    fit(search);
    line.reset();
    seconds_ = std::chrono::duration<double>(Clock::now() - start).count();
    return report(search);
  }

 private:
  bool holds_out() const { return !rows_.test.empty(); }

  const std::string& leading_key() const { return metrics_.keys[metrics_.leading]; }

  GridSearchOptions options(SearchLine& line) {
    return {.scoring = scoring_,
            .cv = cv_,
            .refit = scoring_.is_multimetric()
                         ? Refit(leading_key())
                         : Refit(holds_out() || outputs_.wants_model() || outputs_.wants_report()),
            .return_train_score = true,
            .n_jobs = n_threads_,
            .journal = outputs_.journal(),
            .shard = shard_,
            .stop = console_.stop,
            .progress = [&line](const SearchProgress& progress) { line.update(progress); }};
  }

  void print_plan(std::size_t n_splits) {
    const auto n_candidates = grid_.size();
    std::string text = description(samples_) + "\n";
    if (holds_out()) {
      text += fmt::format("{} samples to search on, {} held out\n", rows_.train.size(),
                          rows_.test.size());
    }
    text += fmt::format("{}: {} x {} folds = {} fits on {}\n\n",
                        flags_.estimator.description(samples_.task),
                        counted(n_candidates, "candidate"), n_splits, n_candidates * n_splits,
                        counted(static_cast<std::size_t>(n_threads_), "thread"));
    printer_.print(text);
  }

  /// Does one of the last steps: what goes wrong must not cost those that follow, and is said at
  /// the end. Returns whether all went well.
  template <class Step>
  bool attempt(Step step) {
    try {
      step();
      return true;
    } catch (const std::exception&) {
      if (failure_ == nullptr) failure_ = std::current_exception();
      return false;
    }
  }

  /// A best candidate that cannot be fitted again takes no result with it.
  void fit(GridSearchCV& search) {
    try {
      search.fit(train_.x, train_.y, train_.weights, samples_.feature_names);
    } catch (const std::exception& error) {
      if (!search.has_best()) throw;
      failure_ = std::make_exception_ptr(
          std::runtime_error("the best candidate cannot be fitted again: " + problem_text(error)));
    }
  }

  int report(const GridSearchCV& search) {
    for (const std::string& warning : search.warnings()) console_.note("warning: " + warning);
    if (shard_) return report_shard(search);
    if (search.cv_results().params.empty()) return interrupted_before_any();
    const bool is_refitted =
        failure_ == nullptr && !search.interrupted() && !std::isnan(search.best_score());
    const bool is_saved = is_refitted && outputs_.wants_model() &&
                          attempt([&] { outputs_.write_model(search.best_estimator()); });
    std::optional<double> held_out;
    if (is_refitted && holds_out()) held_out = held_out_score(search);
    attempt([&] { outputs_.write_results(search, held_out, shown_, console_); });
    if (outputs_.wants_report()) {
      attempt([&] { outputs_.write_report(search, report_details(search), console_); });
    }
    printer_.print(report_text(search, held_out));
    if (is_saved) printer_.print(model_line());
    for (const std::string& note :
         search_notes(search, leading_key(), shown_, flags_.estimator.scales())) {
      console_.note("warning: " + note);
    }
    attempt([&] { check_scores(search); });
    if (failure_ != nullptr) std::rethrow_exception(failure_);
    if (search.interrupted()) return interrupted(search);
    printer_.finish();
    return kDone;
  }

  ReportDetails report_details(const GridSearchCV& search) const {
    ReportDetails details{.title = flags_.estimator.description(samples_.task),
                          .subtitle = description(samples_),
                          .metric = leading_key(),
                          .shown = shown_};
    const bool is_refitted = failure_ == nullptr && !search.interrupted() && search.has_best();
    if (is_refitted) details.history = network_of(search.best_estimator()).history();
    return details;
  }

  /// What became of one share of a search; a missing one is nothing that went wrong here.
  int report_shard(const GridSearchCV& search) {
    const std::size_t n_all = grid_.size() * search.n_splits();
    const std::size_t n_share = shard_->share_of(n_all);
    const std::string& path = outputs_.journal()->path();
    if (search.interrupted()) {
      console_.note(
          fmt::format("skarma: interrupted; {} of {} fits of the search are in {}: the "
                      "same command goes on",
                      n_all - search.n_missing(), n_all, path));
      return kInterrupted;
    }
    std::string text =
        fmt::format("shard {}/{}: {}, {} of them from {}, in {}\n", shard_->number, shard_->count,
                    counted(n_share, "fit"), search.n_recorded(), path, duration_text(seconds_));
    text += search.n_missing() == 0
                ? fmt::format("all {} fits of the search are in {}: run it without --shard\n",
                              n_all, path)
                : fmt::format(
                      "{} of {} fits of the search are not in {}: other shards have them, "
                      "which 'skarma journal merge' joins\n",
                      search.n_missing(), n_all, path);
    printer_.print(text);
    attempt([&] { check_memory(search); });
    if (failure_ != nullptr) std::rethrow_exception(failure_);
    printer_.finish();
    return kDone;
  }

  int interrupted_before_any() const {
    console_.note(outputs_.journal() == nullptr
                      ? "skarma: interrupted before any candidate was complete; no file is written"
                      : fmt::format("skarma: interrupted before any candidate was complete; the "
                                    "fits that are done are in {}: the same command goes on",
                                    outputs_.journal()->path()));
    return kInterrupted;
  }

  int interrupted(const GridSearchCV& search) const {
    std::string text = fmt::format("skarma: interrupted; {} of {} candidates are complete",
                                   search.cv_results().params.size(), grid_.size());
    if (outputs_.wants_model()) {
      text += fmt::format(" and none is fitted on all samples; {} is not written",
                          outputs_.model_path());
    }
    if (outputs_.journal() != nullptr) {
      text += fmt::format("; what is done is in {}: the same command goes on",
                          outputs_.journal()->path());
    }
    console_.note(text);
    return kInterrupted;
  }

  std::string report_text(const GridSearchCV& search, std::optional<double> held_out) const {
    if (flags_.quiet) return last_lines(search, held_out);
    return search_table(search.cv_results(), metrics_, search.best_index(), report_console_.colour,
                        shown_, report_console_.width) +
           "\n" + last_lines(search, held_out);
  }

  std::string last_lines(const GridSearchCV& search, std::optional<double> held_out) const {
    std::string text = fmt::format("best: {}, mean test {} {:.6f}\n",
                                   parameters_text(search.best_params(), shown_), leading_key(),
                                   search.best_score());
    if (held_out) {
      text += fmt::format("fitted again on {} samples, {} on the {} held out: {:.6f}\n",
                          rows_.train.size(), leading_key(), rows_.test.size(), *held_out);
    }
    text += fmt::format("{} fits in {}", search.cv_results().params.size() * search.n_splits(),
                        duration_text(seconds_));
    if (search.n_recorded() > 0) {
      text += fmt::format(", {} of them from {}", search.n_recorded(), outputs_.journal()->path());
    }
    return text + "\n";
  }

  std::string model_line() const {
    return fmt::format("the best, fitted on {} samples, is in {}\n", rows_.train.size(),
                       outputs_.model_path());
  }

  /// NaN, with a warning, where the metric cannot be had for the part held out.
  double held_out_score(const GridSearchCV& search) const {
    try {
      const Part test = part_of(samples_, rows_.test);
      return search.score(test.x, test.y, test.weights);
    } catch (const std::exception& error) {
      console_.note("warning: no score on the samples held out: " + problem_text(error));
      return std::numeric_limits<double>::quiet_NaN();
    }
  }

  const GridSearchFlags& flags_;
  const Console& console_;
  const CrossValidation cv_;
  const Scoring scoring_;
  const Metrics metrics_;
  const int n_threads_;
  const std::optional<Shard> shard_;
  SearchOutputs outputs_;
  const Console report_console_;
  PatientPrinter printer_;
  const Samples samples_;
  const std::unique_ptr<Estimator> estimator_;
  const ParameterGrid grid_;
  const TrainTest rows_;
  const Part train_;
  const ParameterNames shown_ = [this](std::string_view name) {
    return short_parameter_name(*estimator_, name);
  };
  double seconds_ = 0.0;
  std::exception_ptr failure_;  // the first one
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
