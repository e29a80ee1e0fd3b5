#include <skarma/cli/commands/search_outputs.hpp>

#include <array>

#include <fmt/format.h>

#include <skarma/cli/options/file_uses.hpp>
#include <skarma/cli/output/result_text.hpp>
#include <skarma/cli/usage_error.hpp>
#include <skarma/core/base/nearest_name.hpp>
#include <skarma/estimators/io/model_file.hpp>

namespace skarma::cli {
namespace {

/// A file's name says its format; a pipe gets CSV.
void check_name(const OutputFile& file) {
  const std::string& path = file.path();
  if (file.is_stream() || path.ends_with(".csv") || path.ends_with(".json")) return;
  constexpr std::array<std::string_view, 2> kEndings = {".csv", ".json"};
  const auto dot = path.rfind('.');
  const std::string ending = dot == std::string::npos ? "" : path.substr(dot);
  throw UsageError(fmt::format("--output: the name must end with .csv or .json; got '{}'.{}", path,
                               did_you_mean(ending, kEndings)));
}

}  // namespace

SearchOutputs::SearchOutputs(const GridSearchFlags& flags) : model_(model_file(flags.save_model)) {
  FileUses uses;
  uses.reads("FILE", flags.data.file());
  uses.reads("--target-file", flags.data.target_file());
  uses.reads("--grid-file", flags.grid.file());
  uses.writes("--save-model", flags.save_model);
  uses.writes("--output", flags.output);
  if (!is_standard_output(flags.output)) uses.writes("standard output", "-");
  if (!flags.output.empty()) {
    results_.emplace(flags.output);
    check_name(*results_);
  }
}

Console SearchOutputs::report_console(const Console& console) const {
  Console report = console;
  if (!results_ || !results_->is_standard_output()) return report;
  report.out = console.err;
  report.colour = false;
  report.width = terminal_width(console.err).value_or(SIZE_MAX);
  return report;
}

void SearchOutputs::write_results(const GridSearchCV& search, std::optional<double> held_out_score,
                                  const ParameterNames& shown, const Console& console) const {
  if (!results_) return;
  results_->write(results_->path().ends_with(".json")
                      ? results_as_json(search, held_out_score, shown)
                      : results_as_csv(search.cv_results(), shown),
                  console);
}

void SearchOutputs::write_model(const Estimator& best) const {
  if (model_) model_->write(model_to_bytes(best));
}

}  // namespace skarma::cli
