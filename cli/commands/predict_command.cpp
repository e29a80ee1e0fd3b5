#include <CLI/CLI.hpp>

#include <skarma/cli/commands/flagged_command.hpp>
#include <skarma/cli/exit_code.hpp>
#include <skarma/cli/input/fitted_model.hpp>
#include <skarma/cli/options/data_options.hpp>
#include <skarma/cli/options/file_uses.hpp>
#include <skarma/cli/output/output_file.hpp>
#include <skarma/cli/output/prediction_text.hpp>
#include <skarma/cli/signals.hpp>
#include <skarma/cli/usage_error.hpp>

namespace skarma::cli {
namespace {

struct PredictFlags {
  std::string model;
  DataOptions data{DataUse::predict};
  bool proba = false;
  std::string output;
  bool quiet = false;

  void add_to(CLI::App& command) {
    command.add_option("MODEL", model, "What --save-model wrote.")->type_name("")->group("Data");
    data.add_to(command);
    command
        .add_flag("--proba", proba,
                  "The probability of each class beside the prediction (classifiers).")
        ->group("Output");
    command.add_option("--output", output, "Write to this file, and not to the standard output.")
        ->type_name("FILE")
        ->group("Output");
    command.add_flag("-q,--quiet", quiet, "No line about what the file was taken for.")
        ->group("Output");
  }
};

OutputFile checked_output(const PredictFlags& flags) {
  FileUses uses;
  uses.reads("MODEL", flags.model);
  uses.reads("FILE", flags.data.file());
  const bool is_typed = !flags.output.empty();
  const std::string path = is_typed ? flags.output : "-";
  uses.writes(is_typed ? "--output" : "standard output", path);
  return OutputFile(path);
}

std::string predictions(const PredictFlags& flags, const Console& console) {
  const NothingToLose scope;
  const FittedModel model(flags.model);
  if (flags.proba && !model.estimator().is_classifier()) {
    throw UsageError("--proba: the model is a regression and has no probabilities.");
  }
  const CsvData data = said(flags.data.load_features_for(model), flags.quiet, console);
  return predictions_as_csv(model.estimator(), data.x, flags.proba);
}

int predict(const PredictFlags& flags, const Console& console) {
  const OutputFile output = checked_output(flags);
  const std::string text = predictions(flags, console);
  std::optional<NothingToLose> scope;
  if (output.is_stream()) scope.emplace();  // its reader may be slow
  output.write(text, console);
  return kDone;
}

}  // namespace

Action add_predict(CLI::App& app) {
  return add_flagged_command<PredictFlags>(
      app, "predict", "Predict with a saved model: a CSV with one line a sample.",
      "Example:\n"
      "  skarma predict cancer.safetensors new.csv --proba --output predictions.csv",
      predict);
}

}  // namespace skarma::cli
