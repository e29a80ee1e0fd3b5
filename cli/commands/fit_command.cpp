#include <chrono>
#include <mutex>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <skarma/cli/commands/flagged_command.hpp>
#include <skarma/cli/exit_code.hpp>
#include <skarma/cli/input/fitted_model.hpp>
#include <skarma/cli/options/data_options.hpp>
#include <skarma/cli/options/estimator_options.hpp>
#include <skarma/cli/options/file_uses.hpp>
#include <skarma/cli/options/hold_out_options.hpp>
#include <skarma/cli/output/live_line.hpp>
#include <skarma/cli/output/output_file.hpp>
#include <skarma/cli/output/result_table.hpp>
#include <skarma/cli/usage_error.hpp>
#include <skarma/cli/wording.hpp>
#include <skarma/estimators/callbacks.hpp>
#include <skarma/estimators/io/model_file.hpp>

namespace skarma::cli {
namespace {

struct FitFlags {
  DataOptions data;
  EstimatorOptions estimator;
  HoldOutOptions hold_out;
  std::string save_model;
  std::string log;
  bool quiet = false;

  void add_to(CLI::App& command) {
    data.add_to(command);
    hold_out.add_to(command, "Data");
    command
        .add_option("--save-model", save_model,
                    "Write the fitted model to this file (for skarma predict and score).")
        ->type_name("FILE")
        ->group("Output");
    command
        .add_option("--log", log,
                    "Write the figures of each iteration to this file, as comma-separated values.")
        ->type_name("FILE")
        ->group("Output");
    command.add_flag("-q,--quiet", quiet, "No description and no progress, only the last lines.")
        ->group("Output");
    estimator.add_to(command);
  }
};

/// The live line of a fit: iterations, loss and, with early stopping, the score on held-out
/// samples.
class FitLine {
 public:
  FitLine(const Console& console, bool wanted)
      : line_(console, wanted, [this](double seconds) { return text(seconds); }) {}

  bool update(const EpochReport& report) {
    const std::lock_guard lock(mutex_);
    last_ = report;
    return true;
  }

 private:
  std::string text(double seconds) const {
    const std::lock_guard lock(mutex_);
    if (!last_) return "fitting, " + clock_text(seconds) + " elapsed";
    std::string text = fmt::format("iteration {}, loss {:.6g}", last_->n_iter, last_->loss);
    if (last_->validation_score) {
      text += fmt::format(", validation score {:.4f}", *last_->validation_score);
    }
    return text + ", " + clock_text(seconds) + " elapsed";
  }

  mutable std::mutex mutex_;
  std::optional<EpochReport> last_;
  LiveLine line_;  // last: it reads the report
};

std::string ending(const MLPBase& network) {
  switch (network.stop_reason()) {
    case StopReason::interrupted:
      return "interrupted";
    case StopReason::max_iter:
    case StopReason::max_fun:
      return "not converged";
    case StopReason::line_search_failed:
      return "the line search found no lower loss";
    default:
      return "converged";
  }
}

/// A log grows while the fit runs: it is a file, and its folder is there.
void check_log(const std::string& path) {
  if (is_standard_output(path)) {
    throw UsageError("--log writes a file, which standard output is not: the results go there.");
  }
  const OutputFile checked(path);
}

/// The file of --save-model, which is read under no other flag. That of --log is checked, too.
std::optional<ModelFile> checked_model_file(const FitFlags& flags) {
  auto file = model_file(flags.save_model);
  if (!flags.log.empty()) check_log(flags.log);
  FileUses uses;
  uses.reads("FILE", flags.data.file());
  uses.reads("--target-file", flags.data.target_file());
  uses.writes("--save-model", flags.save_model);
  uses.writes("--log", flags.log);
  uses.writes("standard output", "-");
  return file;
}

std::unique_ptr<Estimator> validated(std::unique_ptr<Estimator> estimator) {
  estimator->validate();
  estimator->check_device();
  return estimator;
}

/// One fit from the flags to the last line.
class FitRun {
 public:
  FitRun(const FitFlags& flags, const Console& console)
      : flags_(flags),
        console_(console),
        model_file_(checked_model_file(flags)),
        printer_(console, model_file_.has_value()),
        samples_(said(flags.data.load(), flags.quiet, console)),
        estimator_(judged([&] { return validated(flags.estimator.make(samples_.task)); })),
        rows_(judged([&] { return flags.hold_out.split(samples_); })) {}

  int run() {
    if (console_.stop.stop_requested()) return interrupted("nothing was fitted or written");
    if (!flags_.quiet) {
      printer_.print(description(samples_) + "\n" + flags_.estimator.description(samples_.task) +
                     "\n");
    }
    const Part train = part_of(samples_, rows_.train);
    const auto start = std::chrono::steady_clock::now();
    fit(train);
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
    const MLPBase& network = network_of(*estimator_);
    if (network.stop_reason() == StopReason::interrupted) return end_early(network);
    const std::string failure = saved(model_file_);  // first: nothing that follows may cost it
    print_results(network, train, passed.count());
    if (!failure.empty()) throw std::runtime_error(failure);
    if (model_file_) printer_.print(fmt::format("the model is in {}\n", model_file_->path()));
    advise(network);
    printer_.finish();
    return kDone;
  }

 private:
  void fit(const Part& train) {
    FitLine line(console_, !flags_.quiet);
    std::vector<std::shared_ptr<FitCallback>> callbacks;
    if (!flags_.log.empty()) callbacks.push_back(std::make_shared<CsvLog>(flags_.log));
    estimator_->fit(
        train.x, train.y,
        {.sample_weight = train.weights,
         .feature_names = samples_.feature_names,
         .control = {.stop = console_.stop,
                     .observer = [&line](const auto& report) { return line.update(report); },
                     .callbacks = callbacks}});
  }

  std::string scores(const Part& train) const {
    std::string text = score_line(train, "fitted");
    if (!rows_.test.empty()) text += score_line(part_of(samples_, rows_.test), "held out");
    return text;
  }

  std::string score_line(const Part& part, std::string_view which) const {
    return fmt::format("{} on the {} samples {}: {:.6f}\n",
                       estimator_->is_classifier() ? "accuracy" : "R2", part.x.n_samples(), which,
                       estimator_->score(part.x, part.y, part.weights));
  }

  /// What went wrong, if anything.
  std::string saved(const std::optional<ModelFile>& file) const {
    if (!file) return "";
    try {
      file->write(model_to_bytes(*estimator_));
    } catch (const std::exception& error) {
      return problem_text(error);
    }
    return "";
  }

  void print_results(const MLPBase& network, const Part& train, double seconds) {
    printer_.print(fmt::format("{} iterations in {}: {}, loss {:.6g}\n", network.n_iter(),
                               duration_text(seconds), ending(network), network.loss()) +
                   scores(train));
  }

  void advise(const MLPBase& network) const {
    const StopReason reason = network.stop_reason();
    if (reason != StopReason::max_iter && reason != StopReason::max_fun) return;
    const char* flag = reason == StopReason::max_iter ? "--max-iter" : "--max-fun";
    console_.note(fmt::format("warning: the fit has not converged; {} allows more", flag));
  }

  /// A model that was interrupted never takes the place of another one.
  int end_early(const MLPBase& network) const {
    const int n_iter = network.n_iter();
    if (!model_file_ || n_iter == 0) {
      return interrupted(fmt::format("after {} iterations; no model is written", n_iter));
    }
    const ModelFile beside = model_file_->for_interrupted();
    if (const std::string failure = saved(beside); !failure.empty()) {
      throw std::runtime_error(failure);
    }
    return interrupted(fmt::format("the model of iteration {} is in {}, and {} is as it was",
                                   n_iter, beside.path(), model_file_->path()));
  }

  int interrupted(const std::string& what) const {
    console_.note("skarma: interrupted; " + what);
    return kInterrupted;
  }

  const FitFlags& flags_;
  const Console& console_;
  const std::optional<ModelFile> model_file_;
  PatientPrinter printer_;
  const Samples samples_;
  const std::unique_ptr<Estimator> estimator_;
  const TrainTest rows_;
};

int fit(const FitFlags& flags, const Console& console) { return FitRun(flags, console).run(); }

}  // namespace

Action add_fit(CLI::App& app) {
  return add_flagged_command<FitFlags>(
      app, "fit", "Fit a neural network and save it.",
      "Example:\n"
      "  skarma fit --dataset breast_cancer --scale standard --solver lbfgs --alpha 1 --seed 1 \\\n"
      "    --test-size 0.25 --save-model cancer.safetensors",
      fit);
}

}  // namespace skarma::cli
