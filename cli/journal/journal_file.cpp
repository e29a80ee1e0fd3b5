#include <skarma/cli/journal/journal_file.hpp>

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <stdexcept>

#include <fmt/format.h>
#include <sqlite3.h>
#include <nlohmann/json.hpp>

#include <skarma/estimators/io/replace_file.hpp>

namespace skarma::cli {
namespace {

constexpr int kApplication = 0x736b6a6c;  // "skjl"
constexpr int kVersion = 1;
constexpr std::int64_t kMostFolds = 1'000'000;  // more are damage, for which no memory is taken
constexpr int kPatience = 60'000;               // milliseconds for other writers

// Scores and times have columns without a type: SQLite would store -0.0 as 0 in one of type REAL.
constexpr const char* kTables = R"(
CREATE TABLE search (part TEXT NOT NULL UNIQUE, value TEXT NOT NULL);
CREATE TABLE plan (n_candidates INTEGER NOT NULL, n_folds INTEGER NOT NULL,
                   metrics TEXT NOT NULL, has_train_scores INTEGER NOT NULL);
CREATE TABLE candidates (id INTEGER PRIMARY KEY, number INTEGER NOT NULL,
                         digest TEXT NOT NULL UNIQUE, params TEXT NOT NULL);
CREATE TABLE fits (id INTEGER PRIMARY KEY AUTOINCREMENT,
                   candidate INTEGER NOT NULL REFERENCES candidates, fold INTEGER NOT NULL,
                   fit_time, score_time, well_defined INTEGER NOT NULL, error TEXT, warning TEXT,
                   score_errors TEXT, finished TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
                   UNIQUE (candidate, fold));
CREATE TABLE scores (candidate INTEGER NOT NULL, fold INTEGER NOT NULL, part TEXT NOT NULL,
                     metric TEXT NOT NULL, score, UNIQUE (candidate, fold, part, metric));
CREATE VIEW results AS
  SELECT candidates.id AS candidate, params, fold, part, metric, score, fit_time, score_time,
         error, warning
  FROM fits JOIN candidates ON candidates.id = fits.candidate
       LEFT JOIN scores USING (candidate, fold);
)";

int number_of(SQLite::Database& database, const char* query) {
  return database.execAndGet(query).getInt();
}

bool is_new(SQLite::Database& database) {
  return number_of(database, "SELECT count(*) FROM sqlite_master") == 0;
}

/// As SQLite has it in a URI.
std::string uri_of(const std::string& file) {
  std::string uri = "file:";
  for (const char c : file) {
    const bool is_plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '/';
    uri += is_plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return uri;
}

/// Who may write closes it without leaving files beside it. In a folder that nobody writes nothing
/// can be made beside it, and nothing needs to.
std::unique_ptr<SQLite::Database> opened_to_read(const std::string& file) {
  const std::string folder = std::filesystem::path(file).parent_path().string();
  if (access(folder.c_str(), W_OK) == 0) {
    return std::make_unique<SQLite::Database>(file, SQLite::OPEN_READWRITE, kPatience);
  }
  std::error_code ignored;
  if (std::filesystem::exists(file + "-wal", ignored)) {
    return std::make_unique<SQLite::Database>(file, SQLite::OPEN_READONLY, kPatience);
  }
  return std::make_unique<SQLite::Database>(uri_of(file) + "?immutable=1",
                                            SQLite::OPEN_READONLY | SQLite::OPEN_URI, kPatience);
}

/// Of several that switch at once SQLite refuses some without waiting.
void switch_to_wal(SQLite::Database& database) {
  constexpr int kPause = 5;  // milliseconds
  for (int waited = 0;; waited += kPause) {
    const int code = database.tryExec("PRAGMA journal_mode = WAL");
    if (code == SQLITE_OK) return;
    if (code != SQLITE_BUSY || waited >= kPatience) {
      throw SQLite::Exception(database.getErrorMsg(), code);
    }
    sqlite3_sleep(kPause);
  }
}

}  // namespace

JournalFile::JournalFile(std::string path, Use use) : path_(std::move(path)) {
  std::error_code ignored;
  if (std::filesystem::exists(path_, ignored)) {
    if (!std::filesystem::is_regular_file(path_, ignored)) {
      throw std::runtime_error(fmt::format("{}: is not a regular file, which a journal is", path_));
    }
    open(use);
  } else if (use == Use::write) {
    check_replaceable(path_);
  } else {
    throw std::runtime_error(fmt::format("{}: No such file or directory", path_));
  }
}

void JournalFile::create() {
  if (!is_open()) open(Use::write);
}

void JournalFile::open(Use use) {
  const bool writes = use == Use::write;
  try {
    // SQLite takes names such as ":memory:" for no file at all.
    const std::string file = std::filesystem::absolute(path_).string();
    if (writes) {
      database_ = std::make_unique<SQLite::Database>(
          file, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, kPatience);
    } else {
      database_ = opened_to_read(file);
    }
    check_format();
    if (!writes) return;
    switch_to_wal(*database_);
    database_->exec("PRAGMA synchronous = NORMAL");  // after a power cut the last fits may be gone
    within_transaction([](SQLite::Database& database) {  // says now what cannot be written
      database.exec(fmt::format("PRAGMA user_version = {}", kVersion));
      return 0;
    });
  } catch (const SQLite::Exception& error) {
    throw_in_words(error);
  }
}

void JournalFile::check_format() {
  SQLite::Database& database = *database_;
  SQLite::Transaction transaction(database);  // of one moment: another process may make it one now
  const int application = number_of(database, "PRAGMA application_id");
  if (application != kApplication && !is_new(database)) {
    throw std::runtime_error(
        fmt::format("{}: is an SQLite file, and no journal of skarma; it stays as it is", path_));
  }
  if (const int version = number_of(database, "PRAGMA user_version"); version > kVersion) {
    throw std::runtime_error(
        fmt::format("{}: is a journal of a newer skarma (format {}; this one knows {})", path_,
                    version, kVersion));
  }
  const std::string check = database.execAndGet("PRAGMA quick_check(1)").getString();
  if (check != "ok") throw SQLite::Exception(check, SQLITE_CORRUPT);
}

void JournalFile::throw_in_words(const SQLite::Exception& error) const {
  const std::string text = error.what();
  switch (error.getErrorCode()) {
    case SQLITE_NOTADB:
      throw std::runtime_error(fmt::format("{}: is not a journal of skarma", path_));
    case SQLITE_CORRUPT:
      throw std::runtime_error(fmt::format(
          "{}: the journal is damaged ({}); 'sqlite3 FILE .recover' may save rows", path_, text));
    case SQLITE_FULL:
    case SQLITE_IOERR:
      throw std::runtime_error(fmt::format(
          "{}: the journal cannot be written: {}. The fits that it has stay.", path_, text));
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
      throw std::runtime_error(fmt::format("{}: the journal cannot be opened: {}", path_, text));
    case SQLITE_BUSY:
      throw std::runtime_error(
          fmt::format("{}: another process has been writing the journal for {} seconds", path_,
                      kPatience / 1000));
    default:
      if (text.starts_with("no such ")) {  // table or column, in a file that says it is a journal
        throw_in_words(SQLite::Exception(text, SQLITE_CORRUPT));
      }
      throw std::runtime_error(fmt::format("{}: {}", path_, text));
  }
}

SearchDescription JournalFile::search() const {
  return with([](SQLite::Database& database) {
    SearchDescription search;
    if (is_new(database)) return search;
    SQLite::Statement parts(database, "SELECT part, value FROM search ORDER BY rowid");
    while (parts.executeStep()) search.parts.emplace_back(parts.getColumn(0), parts.getColumn(1));
    SQLite::Statement plan(
        database, "SELECT n_candidates, n_folds, metrics, has_train_scores FROM plan LIMIT 1");
    if (!plan.executeStep()) throw SQLite::Exception("it has no plan", SQLITE_CORRUPT);
    const std::int64_t n_candidates = plan.getColumn(0).getInt64();
    const std::int64_t n_folds = plan.getColumn(1).getInt64();
    if (n_candidates < 0 || n_folds < 1 || n_folds > kMostFolds ||
        n_candidates > std::numeric_limits<std::int64_t>::max() / n_folds) {
      throw SQLite::Exception("its plan has no numbers of candidates and folds", SQLITE_CORRUPT);
    }
    search.n_candidates = static_cast<std::size_t>(n_candidates);
    search.n_folds = static_cast<std::size_t>(n_folds);
    const auto metrics = nlohmann::json::parse(plan.getColumn(2).getString(), nullptr, false);
    if (!metrics.is_array()) throw SQLite::Exception("its metrics are no list", SQLITE_CORRUPT);
    for (const auto& metric : metrics) {
      if (!metric.is_string()) throw SQLite::Exception("a metric is no text", SQLITE_CORRUPT);
      search.metrics.push_back(metric.get<std::string>());
    }
    search.has_train_scores = plan.getColumn(3).getInt() != 0;
    return search;
  });
}

bool JournalFile::adopt(const SearchDescription& search) const {
  return within_transaction([&](SQLite::Database& database) {
    const bool fresh = is_new(database);
    if (fresh) {
      database.exec(fmt::format("PRAGMA application_id = {}", kApplication));
      database.exec(kTables);
      SQLite::Statement part(database, "INSERT INTO search VALUES (?, ?)");
      for (const auto& [name, value] : search.parts) {
        part.bind(1, name);
        part.bind(2, value);
        part.exec();
        part.reset();
      }
      SQLite::Statement plan(database, "INSERT INTO plan VALUES (?, ?, ?, ?)");
      plan.bind(1, static_cast<std::int64_t>(search.n_candidates));
      plan.bind(2, static_cast<std::int64_t>(search.n_folds));
      plan.bind(3, nlohmann::json(search.metrics).dump());
      plan.bind(4, search.has_train_scores ? 1 : 0);
      plan.exec();
      return true;
    }
    const std::string text = difference(this->search().parts, search.parts);
    if (!text.empty()) {
      throw std::invalid_argument(fmt::format("The journal '{}' is of {}.", path_, text));
    }
    SQLite::Statement plan(database, "UPDATE plan SET n_candidates = max(n_candidates, ?)");
    plan.bind(1, static_cast<std::int64_t>(search.n_candidates));
    plan.exec();
    return false;
  });
}

}  // namespace skarma::cli
