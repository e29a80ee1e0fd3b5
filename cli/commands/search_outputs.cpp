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

using Endings = std::array<std::string_view, 2>;

constexpr Endings kOfResults = {".csv", ".json"};
constexpr Endings kOfReports = {".html", ".md"};

/// A file whose name says its format; a pipe gets the first.
void take_file(std::optional<OutputFile>& file, std::string_view flag, const std::string& path,
               const Endings& endings) {
  if (path.empty()) return;
  file.emplace(path);
  if (file->is_stream()) return;
  if (path.ends_with(endings[0]) || path.ends_with(endings[1])) return;
  const auto dot = path.rfind('.');
  const std::string ending = dot == std::string::npos ? "" : path.substr(dot);
  throw UsageError(fmt::format("{}: the name must end with {} or {}; got '{}'.{}", flag, endings[0],
                               endings[1], path, did_you_mean(ending, endings)));
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
  take_file(results_, "--output", flags.output, kOfResults);
  take_file(report_, "--report", flags.report, kOfReports);
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
