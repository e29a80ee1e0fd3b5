#include <skarma/cli/journal/journal_rows.hpp>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include <sqlite3.h>
#include <nlohmann/json.hpp>

namespace skarma::cli {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// SQLite has no NaN: it is NULL there.
double number_in(const SQLite::Column& column) {
  if (column.isNull()) return kNan;
  if (!column.isFloat() && !column.isInteger()) {
    throw SQLite::Exception("a score or a time is no number", SQLITE_CORRUPT);
  }
  return column.getDouble();
}

std::vector<std::string> texts_in(const std::string& text) {
  const auto list = nlohmann::json::parse(text, nullptr, false);
  std::vector<std::string> texts;
  if (!list.is_array()) return texts;
  for (const auto& one : list) {
    if (one.is_string()) texts.push_back(one.get<std::string>());
  }
  return texts;
}

}  // namespace

FitResult blank_row(const SearchDescription& search) {
  FitResult result;
  result.done = true;
  result.test_scores.assign(search.metrics.size(), kNan);
  if (search.has_train_scores) result.train_scores = result.test_scores;
  return result;
}

void read_fit(SQLite::Statement& row, int first, FitResult& result) {
  result.fit_time = number_in(row.getColumn(first));
  result.score_time = number_in(row.getColumn(first + 1));
  result.well_defined = row.getColumn(first + 2).getInt() != 0;
  result.fit_error = row.getColumn(first + 3).getString();
  result.fit_warning = row.getColumn(first + 4).getString();
  result.score_errors = texts_in(row.getColumn(first + 5).getString());
}

void read_score(SQLite::Statement& row, int first, const SearchDescription& search,
                FitResult& result) {
  const bool is_test = row.getColumn(first).getString() == "test";
  auto& scores = is_test ? result.test_scores : result.train_scores;
  const auto metric = std::ranges::find(search.metrics, row.getColumn(first + 1).getString());
  const auto number = static_cast<std::size_t>(metric - search.metrics.begin());
  if (number < scores.size()) scores[number] = number_in(row.getColumn(first + 2));
}

}  // namespace skarma::cli
