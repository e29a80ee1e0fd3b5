#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <skarma/cli/commands/flagged_command.hpp>
#include <skarma/cli/exit_code.hpp>
#include <skarma/cli/input/fitted_model.hpp>
#include <skarma/cli/options/choice.hpp>
#include <skarma/cli/options/data_options.hpp>
#include <skarma/cli/signals.hpp>
#include <skarma/cli/usage_error.hpp>
#include <skarma/cli/wording.hpp>
#include <skarma/estimators/metrics/scorer.hpp>

namespace skarma::cli {
namespace {

struct ScoreFlags {
  std::string model;
  DataOptions data{DataUse::score};
  std::vector<std::string> scoring;
  bool quiet = false;

  void add_to(CLI::App& command) {
    command.add_option("MODEL", model, "What --save-model wrote.")->type_name("")->group("Data");
    data.add_to(command);
    command
        .add_option("--scoring", scoring,
                    "The metric; may be repeated. [accuracy, or r2 for a regression] One of " +
                        scoring_names() + ".")
        ->type_name("NAME")
        ->allow_extra_args(false)
        ->group("Score");
    command.add_flag("-q,--quiet", quiet, "No line about what the file was taken for.")
        ->group("Score");
  }
};

std::vector<Scorer> read_scorers(const std::vector<std::string>& names, bool for_classifier) {
  if (names.empty()) return {for_classifier ? "accuracy" : "r2"};
  return {names.begin(), names.end()};
}

/// A metric that the user asked for is named where it cannot be had.
double score_of(const ScoreFlags& flags, const Scorer& scorer, const Estimator& estimator,
                const Samples& samples) {
  try {
    return scorer(estimator, samples.x, samples.y, samples.weights);
  } catch (const std::exception& error) {
    if (flags.scoring.empty()) throw;
    throw std::runtime_error(fmt::format("{}: {}", scorer.name(), problem_text(error)));
  }
}

int print_scores(const ScoreFlags& flags, const Console& console) {
  const NothingToLose scope;
  const FittedModel model(flags.model);
  const Estimator& estimator = model.estimator();
  const auto scorers =
      judged([&] { return read_scorers(flags.scoring, estimator.is_classifier()); });
  const Samples samples = said(flags.data.load_for(model), flags.quiet, console);
  model.check_kind(samples);
  if (const std::string unknown = model.unknown_labels(samples.y); !unknown.empty()) {
    console.note("warning: the model does not know the labels " + unknown);
  }
  std::string text = description(samples) + "\n";
  for (const Scorer& scorer : scorers) {
    text += fmt::format("{} {:.6f}\n", scorer.name(), score_of(flags, scorer, estimator, samples));
  }
  console.print(text);
  return kDone;
}

}  // namespace

Action add_score(CLI::App& app) {
  return add_flagged_command<ScoreFlags>(
      app, "score", "Score a saved model on samples with targets.",
      "Example:\n"
      "  skarma score cancer.safetensors new.csv --target diagnosis --scoring accuracy \\\n"
      "    --scoring roc_auc",
      print_scores);
}

}  // namespace skarma::cli
