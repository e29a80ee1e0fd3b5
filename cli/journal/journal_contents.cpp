#include <skarma/cli/journal/journal_contents.hpp>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <memory>

#include <sqlite3.h>

#include <skarma/cli/journal/journal_rows.hpp>
#include <skarma/cli/journal/params_text.hpp>
#include <skarma/model_selection/search/internal/search_table.hpp>

namespace skarma::cli {
namespace {

/// Scorers with the metrics' names: nothing is scored by them.
Scoring scoring_of(const std::vector<std::string>& metrics) {
  if (metrics.size() == 1 && metrics.front() == "score") return {};
  std::vector<Scorer> scorers;
  scorers.reserve(metrics.size());
  for (const std::string& metric : metrics) {
    scorers.emplace_back(metric, [](const Estimator&, const SampleView&, const Target&,
                                    std::span<const double>) { return 0.0; });
  }
  return scorers;
}

SQLite::Exception damaged(const char* what) { return {what, SQLITE_CORRUPT}; }

void check_params(const std::string& params) {
  try {
    params_from_json(params);
  } catch (const std::exception&) {
    throw damaged("parameters are no JSON object");
  }
}

void read_fits(SQLite::Database& database, JournalContents& contents) {
  std::map<std::int64_t, std::size_t> places;  // of candidates, by their ids
  SQLite::Statement candidates(
      database, "SELECT id, number, digest, params FROM candidates ORDER BY number, id");
  while (candidates.executeStep()) {
    check_params(candidates.getColumn(3).getString());
    places[candidates.getColumn(0).getInt64()] = contents.candidates.size();
    contents.candidates.push_back(
        {.id = candidates.getColumn(0).getInt64(),
         .number = static_cast<std::size_t>(candidates.getColumn(1).getInt64()),
         .digest = candidates.getColumn(2).getString(),
         .params = candidates.getColumn(3).getString(),
         .fits = {}});
  }
  const auto fits_of = [&](SQLite::Statement& row) -> std::map<std::size_t, FitResult>& {
    const auto place = places.find(row.getColumn(0).getInt64());
    if (place == places.end()) throw damaged("a fit is of no candidate");
    return contents.candidates[place->second].fits;
  };
  const auto fold_in = [&](SQLite::Statement& row) {
    const std::int64_t fold = row.getColumn(1).getInt64();
    if (fold < 0 || static_cast<std::size_t>(fold) >= contents.search.n_folds) {
      throw damaged("a fit is of no fold");
    }
    return static_cast<std::size_t>(fold);
  };
  SQLite::Statement fits(database,
                         "SELECT candidate, fold, fit_time, score_time, well_defined, error, "
                         "warning, score_errors FROM fits");
  while (fits.executeStep()) {
    FitResult result = blank_row(contents.search);
    read_fit(fits, 2, result);
    fits_of(fits).emplace(fold_in(fits), std::move(result));
  }
  SQLite::Statement scores(database, "SELECT candidate, fold, part, metric, score FROM scores");
  while (scores.executeStep()) {
    const auto fit = fits_of(scores).find(fold_in(scores));
    if (fit != fits_of(scores).end()) read_score(scores, 2, contents.search, fit->second);
  }
}

std::size_t count(const JournalContents& contents, bool failed) {
  std::size_t n = 0;
  for (const auto& candidate : contents.candidates) {
    for (const auto& [fold, fit] : candidate.fits) n += has_failed(fit) == failed ? 1 : 0;
  }
  return n;
}

}  // namespace

bool has_failed(const FitResult& result) {
  return !result.fit_error.empty() || !result.score_errors.empty();
}

JournalContents::JournalContents(const JournalFile& file) : search(file.search()) {
  if (search.parts.empty()) return;
  file.with([&](SQLite::Database& database) {
    SQLite::Transaction transaction(database);  // of one moment, whoever writes
    read_fits(database, *this);
  });
  // A grid that was changed leaves the candidates of before.
  search.n_candidates = std::max(search.n_candidates, candidates.size());
}

std::size_t JournalContents::n_done() const { return count(*this, false); }
std::size_t JournalContents::n_failed() const { return count(*this, true); }

CvResults JournalContents::cv_results() const {
  const Scoring scoring = scoring_of(search.metrics);
  SearchTable table(candidates.size(), search.n_folds, scoring, search.has_train_scores);
  std::vector<ParamSet> params;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    params.push_back(params_from_json(candidates[i].params));
    std::unique_ptr<Estimator> none;
    for (const auto& [fold, fit] : candidates[i].fits) {
      if (fold < search.n_folds) table.put({i, fold, fit, none});
    }
  }
  return std::move(table).write(ParamSets(std::move(params)));
}

}  // namespace skarma::cli
