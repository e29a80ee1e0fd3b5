#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <skarma/cli/commands/flagged_command.hpp>
#include <skarma/cli/exit_code.hpp>
#include <skarma/cli/journal/journal_contents.hpp>
#include <skarma/cli/journal/merge_journals.hpp>
#include <skarma/cli/journal/params_text.hpp>
#include <skarma/cli/options/choice.hpp>
#include <skarma/cli/options/file_uses.hpp>
#include <skarma/cli/output/output_file.hpp>
#include <skarma/cli/output/result_text.hpp>
#include <skarma/cli/output/text_table.hpp>
#include <skarma/cli/usage_error.hpp>
#include <skarma/cli/wording.hpp>

namespace skarma::cli {
namespace {

struct JournalFlags {
  std::string action;
  std::vector<std::string> files;
  std::string output;

  void add_to(CLI::App& command) {
    command
        .add_option("ACTION", action,
                    "list: a line for each candidate; show: what search it is of, and how far; "
                    "export: cv_results of the candidates that are complete, as CSV or JSON; "
                    "merge: the fits of several journals of one search into one.")
        ->type_name("");
    command
        .add_option("FILE", files,
                    "A journal that grid-search --journal or skarma's GridSearchCV wrote; of merge "
                    "the one to write, then those to read.")
        ->type_name("");
    command
        .add_option("--output", output,
                    "Export to this file, .csv or .json, and not to the standard output.")
        ->type_name("FILE")
        ->group("Output");
  }
};

std::string as_it_is(std::string_view name) { return std::string(name); }

double mean_test_score(const JournalContents::Candidate& candidate) {
  std::vector<double> scores;
  for (const auto& [fold, fit] : candidate.fits) {
    if (!fit.test_scores.empty()) scores.push_back(fit.test_scores.front());
  }
  if (scores.empty()) return std::numeric_limits<double>::quiet_NaN();
  return mean_and_std(std::move(scores)).mean;
}

std::string counts_text(const JournalContents& journal) {
  std::string text = fmt::format("{} of {} fits are done", journal.n_done(), journal.n_fits());
  if (journal.n_failed() > 0) text += fmt::format(", {} have failed", journal.n_failed());
  return text;
}

int list_fits(const JournalContents& journal, const Console& console) {
  using enum TextTable::Align;
  std::vector<std::string> numbers, params, done, scores;
  for (const auto& candidate : journal.candidates) {
    numbers.push_back(std::to_string(candidate.id));
    params.push_back(parameters_text(params_from_json(candidate.params), as_it_is));
    const auto n_failed = std::count_if(candidate.fits.begin(), candidate.fits.end(),
                                        [](const auto& fit) { return has_failed(fit.second); });
    done.push_back(fmt::format("{}/{}", candidate.fits.size(), journal.search.n_folds) +
                   (n_failed > 0 ? fmt::format(", {} failed", n_failed) : ""));
    scores.push_back(fmt::format("{:.6f}", mean_test_score(candidate)));
  }
  TextTable table;
  table.add_column("candidate", right, std::move(numbers));
  table.add_column("parameters", left, std::move(params));
  table.add_column("folds", left, std::move(done));
  table.add_column("mean test " + (journal.search.metrics.empty() ? std::string("score")
                                                                  : journal.search.metrics.front()),
                   right, std::move(scores));
  console.print(table.text(console.colour) + "\n" + counts_text(journal) + "\n");
  return kDone;
}

int show_search(const JournalContents& journal, const Console& console) {
  std::string text;
  for (const auto& [name, value] : journal.search.parts) {
    text += fmt::format("{} = {}\n", name, value);
  }
  text += fmt::format("{} x {} folds; {}\n", counted(journal.search.n_candidates, "candidate"),
                      journal.search.n_folds, counts_text(journal));
  console.print(text);
  return kDone;
}

int export_results(const JournalContents& journal, const OutputFile& output,
                   const Console& console) {
  const CvResults results = journal.cv_results();
  output.write(output.path().ends_with(".json") ? results_as_json(results, as_it_is)
                                                : results_as_csv(results, as_it_is),
               console);
  const std::size_t n_left_out = journal.search.n_candidates - results.params.size();
  if (n_left_out > 0) {
    console.note(fmt::format("skarma: {} of {} lack folds and are left out", n_left_out,
                             counted(journal.search.n_candidates, "candidate")));
  }
  return kDone;
}

JournalContents contents_of(const std::string& path) {
  JournalContents journal(JournalFile(path, JournalFile::Use::read));
  if (journal.search.parts.empty()) {
    throw std::runtime_error(fmt::format("{}: is a journal without a search", path));
  }
  return journal;
}

int merge(const JournalFlags& flags, const Console& console) {
  const std::string& out = flags.files.front();
  const std::span sources = std::span(flags.files).subspan(1);
  if (sources.empty())
    throw UsageError("journal merge: name the journals to read after " + out +
                     ", the one to write.");
  FileUses uses;
  uses.writes("the journal to write", out);
  for (const std::string& source : sources) uses.reads("FILE", source);
  const std::size_t n_new = merge_journals(out, sources);
  console.print(fmt::format("{}: {} {} new; {}\n", out, counted(n_new, "fit"),
                            n_new == 1 ? "is" : "are", counts_text(contents_of(out))));
  return kDone;
}

int run_journal(const JournalFlags& flags, const Console& console) {
  if (flags.action.empty()) {
    throw UsageError(
        "what to do with the journal? 'skarma journal list FILE', show, export, merge.");
  }
  judged([&] {
    check_choice("journal", flags.action, {"list", "show", "export", "merge"});
    return 0;
  });
  if (flags.files.empty()) {
    throw UsageError(fmt::format("journal {}: name a journal.", flags.action));
  }
  if (!flags.output.empty() && flags.action != "export") {
    throw UsageError("--output goes with 'journal export'.");
  }
  if (flags.action == "merge") return merge(flags, console);
  if (flags.files.size() > 1) {
    throw UsageError(fmt::format("'{}' is one argument too many.", flags.files[1]));
  }
  const std::string& path = flags.files.front();
  if (flags.action == "export") {
    FileUses uses;
    uses.reads("FILE", path);
    uses.writes("--output", flags.output);
    const OutputFile output = results_file(flags.output.empty() ? "-" : flags.output);
    return export_results(contents_of(path), output, console);
  }
  const JournalContents journal = contents_of(path);
  return flags.action == "list" ? list_fits(journal, console) : show_search(journal, console);
}

}  // namespace

Action add_journal(CLI::App& app) {
  return add_flagged_command<JournalFlags>(
      app, "journal", "Look at the journal of a search, export it, or merge several.",
      "Example:\n"
      "  skarma journal export search.journal --output results.csv",
      run_journal);
}

}  // namespace skarma::cli
