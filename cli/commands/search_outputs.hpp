#pragma once

#include <optional>
#include <string>

#include <skarma/cli/journal/sqlite_journal.hpp>
#include <skarma/cli/options/grid_search_flags.hpp>
#include <skarma/cli/output/output_file.hpp>
#include <skarma/cli/output/result_table.hpp>
#include <skarma/model_selection/grid_search.hpp>
#include <skarma/model_selection/report/search_report.hpp>

namespace skarma::cli {

/// What grid-search writes to beside its table: --output, --report, --save-model and --journal.
class SearchOutputs {
 public:
  /// Throws UsageError for names that do not go together, std::runtime_error for a file that could
  /// not be written later.
  explicit SearchOutputs(const GridSearchFlags& flags);

  /// The journal of --journal, or null.
  SqliteJournal* journal() { return journal_ ? &*journal_ : nullptr; }
  const SqliteJournal* journal() const { return journal_ ? &*journal_ : nullptr; }
  bool any() const { return results_ || report_ || model_ || journal_; }
  bool wants_report() const { return report_.has_value(); }
  bool wants_model() const { return model_.has_value(); }
  const std::string& model_path() const { return model_->path(); }
  /// The console of the report, which beside results on standard output is on standard error.
  Console report_console(const Console& console) const;

  // All do nothing without their flag, and throw std::runtime_error for what cannot be written.
  void write_results(const GridSearchCV& search, std::optional<double> held_out_score,
                     const ParameterNames& shown, const Console& console) const;
  void write_report(const GridSearchCV& search, const ReportDetails& details,
                    const Console& console) const;
  void write_model(const Estimator& best) const;

 private:
  std::optional<OutputFile> results_;
  std::optional<OutputFile> report_;
  std::optional<ModelFile> model_;
  std::optional<SqliteJournal> journal_;
};

}  // namespace skarma::cli
