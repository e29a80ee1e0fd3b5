#include <skarma/cli/journal/sqlite_journal.hpp>

#include <nlohmann/json.hpp>

#include <skarma/cli/journal/journal_contents.hpp>
#include <skarma/cli/journal/journal_rows.hpp>
#include <skarma/cli/journal/params_text.hpp>

namespace skarma::cli {
namespace {

/// Ready for its next use, also after an exception.
class Used {
 public:
  explicit Used(SQLite::Statement& statement) : statement_(statement) {}
  ~Used() { statement_.tryReset(); }
  Used(const Used&) = delete;
  Used& operator=(const Used&) = delete;
  SQLite::Statement* operator->() { return &statement_; }
  SQLite::Statement* get() { return &statement_; }

 private:
  SQLite::Statement& statement_;
};

void bind_text(SQLite::Statement& statement, int index, const std::string& text) {
  if (text.empty()) {
    statement.bind(index);  // NULL
  } else {
    statement.bind(index, text);
  }
}

std::string text_of(const std::vector<std::string>& errors) {
  if (errors.empty()) return "";
  return nlohmann::json(errors).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

/// Prepared once: what a fit costs is its commit.
struct SqliteJournal::Statements {
  explicit Statements(SQLite::Database& database) : db(database) {}

  SQLite::Database& db;
  SQLite::Statement find_fit{
      db,
      "SELECT candidates.id, fit_time, score_time, well_defined, error, warning, score_errors "
      "FROM candidates JOIN fits ON fits.candidate = candidates.id WHERE digest = ? AND fold = ?"};
  SQLite::Statement find_scores{
      db, "SELECT part, metric, score FROM scores WHERE candidate = ? AND fold = ?"};
  SQLite::Statement find_candidate{db, "SELECT id FROM candidates WHERE digest = ?"};
  SQLite::Statement put_candidate{
      db, "INSERT INTO candidates (number, digest, params) VALUES (?, ?, ?)"};
  SQLite::Statement put_fit{
      db,
      "INSERT INTO fits (candidate, fold, fit_time, score_time, well_defined, error, warning, "
      "score_errors) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
      "fit_time = excluded.fit_time, score_time = excluded.score_time, "
      "well_defined = excluded.well_defined, error = excluded.error, warning = excluded.warning, "
      "score_errors = excluded.score_errors, finished = CURRENT_TIMESTAMP "
      "WHERE fits.error IS NOT NULL OR fits.score_errors IS NOT NULL"};
  SQLite::Statement put_score{db, "INSERT OR REPLACE INTO scores VALUES (?, ?, ?, ?, ?)"};
};

bool SqliteJournal::open(const SearchDescription& search) {
  search_ = search;
  file_.create();
  const bool is_new = file_.adopt(search);
  statements_ =
      file_.with([](SQLite::Database& database) { return std::make_shared<Statements>(database); });
  return is_new;
}

std::optional<FitResult> SqliteJournal::find(const FitKey& key) {
  return file_.with([&](SQLite::Database&) -> std::optional<FitResult> {
    Used fit(statements_->find_fit);
    fit->bind(1, key.candidate.text());
    fit->bind(2, static_cast<std::int64_t>(key.fold));
    if (!fit->executeStep()) return {};
    FitResult result = blank_row(search_);
    read_fit(*fit.get(), 1, result);
    Used scores(statements_->find_scores);
    scores->bind(1, fit->getColumn(0).getInt64());
    scores->bind(2, static_cast<std::int64_t>(key.fold));
    while (scores->executeStep()) read_score(*scores.get(), 0, search_, result);
    return result;
  });
}

std::int64_t SqliteJournal::candidate_id(const std::string& digest, std::size_t number,
                                         const std::string& params) {
  Used found(statements_->find_candidate);
  found->bind(1, digest);
  if (found->executeStep()) return found->getColumn(0).getInt64();
  Used put(statements_->put_candidate);
  put->bind(1, static_cast<std::int64_t>(number));
  put->bind(2, digest);
  put->bind(3, params);
  put->exec();
  return statements_->db.getLastInsertRowid();
}

void SqliteJournal::put_scores(std::int64_t candidate, std::size_t fold, const char* part,
                               const std::vector<double>& scores) {
  for (std::size_t i = 0; i < scores.size(); ++i) {
    Used put(statements_->put_score);
    put->bind(1, candidate);
    put->bind(2, static_cast<std::int64_t>(fold));
    put->bind(3, part);
    put->bind(4, search_.metrics[i]);
    put->bind(5, scores[i]);
    put->exec();
  }
}

bool SqliteJournal::append(const FitKey& key, const Trial& trial, const ParamSet& params,
                           const FitResult& result) {
  return file_.within_transaction([&](SQLite::Database&) {
    return put_row(key.candidate.text(), key.fold, trial.candidate, params_as_json(params), result);
  });
}

std::size_t SqliteJournal::append_rows(const std::vector<Row>& rows) {
  return file_.within_transaction([&](SQLite::Database&) {
    std::size_t n_new = 0;
    for (const Row& row : rows) {
      const bool failed = has_failed(row.result);
      if (failed && has_fit(row.digest, row.fold)) continue;
      const bool is_kept = put_row(row.digest, row.fold, row.number, row.params, row.result);
      if (is_kept && !failed) ++n_new;
    }
    return n_new;
  });
}

bool SqliteJournal::has_fit(const std::string& digest, std::size_t fold) {
  Used fit(statements_->find_fit);
  fit->bind(1, digest);
  fit->bind(2, static_cast<std::int64_t>(fold));
  return fit->executeStep();
}

bool SqliteJournal::put_row(const std::string& digest, std::size_t fold, std::size_t number,
                            const std::string& params, const FitResult& result) {
  const std::int64_t candidate = candidate_id(digest, number, params);
  SQLite::Statement& statement = statements_->put_fit;
  Used put(statement);
  put->bind(1, candidate);
  put->bind(2, static_cast<std::int64_t>(fold));
  put->bind(3, result.fit_time);
  put->bind(4, result.score_time);
  put->bind(5, result.well_defined ? 1 : 0);
  bind_text(statement, 6, result.fit_error);
  bind_text(statement, 7, result.fit_warning);
  bind_text(statement, 8, text_of(result.score_errors));
  if (put->exec() == 0) return false;
  put_scores(candidate, fold, "test", result.test_scores);
  put_scores(candidate, fold, "train", result.train_scores);
  return true;
}

}  // namespace skarma::cli
