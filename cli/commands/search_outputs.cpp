#include <skarma/cli/commands/search_outputs.hpp>

#include <utility>

#include <fmt/format.h>

#include <skarma/cli/options/file_uses.hpp>
#include <skarma/cli/output/result_text.hpp>
#include <skarma/cli/usage_error.hpp>
#include <skarma/estimators/io/model_file.hpp>

namespace skarma::cli {
namespace {

/// A share of a search has no best candidate.
void check_shard(const GridSearchFlags& flags) {
  if (flags.shard.empty()) return;
  if (flags.journal.empty()) {
    throw UsageError("--shard needs --journal FILE, which keeps the share of the fits.");
  }
  for (const auto& [flag, value] :
       {std::pair("--output", flags.output), std::pair("--report", flags.report),
        std::pair("--save-model", flags.save_model)}) {
    if (value.empty()) continue;
    throw UsageError(fmt::format(
        "{} with --shard: a share has no results yet; give it to a run without --shard once the "
        "journals are merged.",
        flag));
  }
}

}  // namespace

SearchOutputs::SearchOutputs(const GridSearchFlags& flags) : model_(model_file(flags.save_model)) {
  FileUses uses;
  uses.reads("FILE", flags.data.file());
  uses.reads("--target-file", flags.data.target_file());
  uses.reads("--grid-file", flags.grid.file());
  uses.writes("--save-model", flags.save_model);
  uses.writes("--output", flags.output);
  uses.writes("--report", flags.report);
  if (!is_standard_output(flags.output) && !is_standard_output(flags.report)) {
    uses.writes("standard output", "-");
  }
  uses.writes("--journal", flags.journal);
  if (!flags.output.empty()) results_.emplace(results_file(flags.output));
  if (!flags.report.empty()) report_.emplace(report_file(flags.report));
  check_shard(flags);
  if (!flags.journal.empty()) journal_.emplace(flags.journal);
}

Console SearchOutputs::report_console(const Console& console) const {
  Console report = console;
  const auto takes_all = [](const auto& file) { return file && file->is_standard_output(); };
  if (!takes_all(results_) && !takes_all(report_)) return report;
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

void SearchOutputs::write_report(const GridSearchCV& search, const ReportDetails& details,
                                 const Console& console) const {
  if (!report_) return;
  const std::string data = report_data(search, details);
  report_->write(report_->path().ends_with(".md") ? report_markdown(data) : report_html(data),
                 console);
}

void SearchOutputs::write_model(const Estimator& best) const {
  if (model_) model_->write(model_to_bytes(best));
}

}  // namespace skarma::cli
