#include <skarma/cli/options/data_options.hpp>

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <skarma/cli/input/fitted_model.hpp>
#include <skarma/cli/options/choice.hpp>
#include <skarma/cli/signals.hpp>
#include <skarma/cli/usage_error.hpp>
#include <skarma/datasets/embedded.hpp>

namespace skarma::cli {
namespace {

TaskChoice read_task(const std::string& word) {
  check_choice("--task", word, {"auto", "classification", "regression"});
  if (word == "auto") return TaskChoice::detected;
  return word == "regression" ? TaskChoice::regression : TaskChoice::classification;
}

Header read_header(const std::string& word) {
  check_choice("--header", word, {"auto", "yes", "no"});
  if (word == "auto") return Header::detected;
  return word == "yes" ? Header::yes : Header::no;
}

Samples from_dataset(Dataset data) {
  const bool numbers = std::holds_alternative<std::vector<double>>(data.y);
  return {.name = std::move(data.name),
          .x = std::move(data.x),
          .feature_names = std::move(data.feature_names),
          .y = data.y,
          .weights = {},
          .task = numbers ? Task::regression : Task::classification};
}

std::string_view purpose(DataUse use) {
  if (use == DataUse::learn) return "learn from";
  return use == DataUse::score ? "score on" : "predict from";
}

/// A file that is not there may be meant as the name of a data set.
void check_exists(const std::string& file) {
  std::error_code ignored;
  if (file == "-" || std::filesystem::exists(file, ignored)) return;
  const auto names = dataset_names();
  if (std::find(names.begin(), names.end(), file) == names.end()) return;
  throw UsageError(
      fmt::format("there is no file '{}'; the data set of this name is --dataset {}.", file, file));
}

}  // namespace

void DataOptions::add_to(CLI::App& command) {
  constexpr const char* kGroup = "Data";
  const auto add = [&](const char* flag, auto& value, const char* what, const char* type) {
    return command.add_option(flag, value, what)->type_name(type)->group(kGroup);
  };
  const bool has_target = use_ != DataUse::predict;
  add("FILE", file_,
      "A CSV file, or an array of numbers (.npy, IDX), also with .gz; - is standard input, a CSV.",
      "");
  add("--dataset", dataset_, "A data set inside the program (see skarma datasets).", "NAME");
  if (has_target) {
    add("--target", columns_.targets,
        use_ == DataUse::learn
            ? "The column to learn, by its name or its number (from 1; -1 is the last). Repeated "
              "for several outputs. [the last]"
            : "The column with the true values, by its name or its number (from 1; -1 is the "
              "last). Repeated for several outputs. [the last, or the one that is no feature]",
        "COL")
        ->allow_extra_args(false);
    add("--target-file", columns_.target_file,
        "An array (.npy, IDX) with the targets of the samples; all columns of FILE are features.",
        "FILE");
    add("--weights", columns_.weights, "The column with the weights of the samples.", "COL");
  }
  add("--drop", columns_.dropped, "A column to leave out; may be repeated.", "COL")
      ->allow_extra_args(false);
  add("--header", header_, "Whether the first line of the file has the names. [auto]",
      "auto|yes|no");
  if (use_ != DataUse::learn) return;
  add("--task", task_,
      "What the target is; auto takes words, and up to 20 different whole numbers, for classes. "
      "[auto]",
      "auto|classification|regression");
  add("--dtype", dtype_, "The type that is computed in. [float64]", "float32|float64");
}

Samples DataOptions::load() const {
  const NothingToLose scope;
  judged([&] { check_choice("--dtype", dtype_, {"float32", "float64"}); });
  const TaskChoice task = judged([&] { return read_task(task_); });
  const ColumnChoice choice = columns();
  Samples samples = file_.empty() ? load_embedded(task) : read_csv_samples(file_, choice, task);
  if (dtype_ == "float32") samples.use_float32();
  return samples;
}

Samples DataOptions::load_for(const FittedModel& model) const {
  ColumnChoice choice = columns();
  choice.model = &model.features();
  return file_.empty() ? load_embedded(TaskChoice::detected)
                       : read_csv_samples(file_, choice, model.task());
}

CsvData DataOptions::load_features_for(const FittedModel& model) const {
  ColumnChoice choice = columns();
  choice.model = &model.features();
  choice.needs_target = false;
  if (!file_.empty()) return read_csv_data(file_, choice);
  return {.x = load_embedded(TaskChoice::detected).x,
          .feature_names = {},
          .weights = {},
          .targets = {},
          .found = {}};
}

/// What was said about the columns, once it is clear where the data are.
ColumnChoice DataOptions::columns() const {
  ColumnChoice choice = columns_;
  choice.header = judged([&] { return read_header(header_); });
  if (file_.empty() == dataset_.empty()) {
    throw UsageError(file_.empty() ? fmt::format("what to {}? Name a CSV file, or a data set with "
                                                 "--dataset.",
                                                 purpose(use_))
                                   : "give a file or --dataset, not both.");
  }
  if (!file_.empty()) check_exists(file_);
  if (!choice.target_file.empty() && !choice.targets.empty()) {
    throw UsageError("give --target or --target-file, not both.");
  }
  return choice;
}

Samples DataOptions::load_embedded(TaskChoice task) const {
  const bool names_columns = !columns_.targets.empty() || !columns_.target_file.empty() ||
                             !columns_.dropped.empty() || !columns_.weights.empty();
  if (names_columns) {
    throw UsageError(
        use_ == DataUse::predict
            ? "--drop is about the columns of a file."
            : "--target, --target-file, --drop and --weights are about the columns of a file.");
  }
  Samples samples = from_dataset(judged([&] { return load_dataset(dataset_); }));
  if (task != TaskChoice::detected) {
    samples.task = task == TaskChoice::regression ? Task::regression : Task::classification;
  }
  return samples;
}

}  // namespace skarma::cli
