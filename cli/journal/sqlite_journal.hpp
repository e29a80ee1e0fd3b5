#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <skarma/cli/journal/journal_file.hpp>
#include <skarma/model_selection/search/journal.hpp>

namespace skarma::cli {

/// A journal in an SQLite file: a row is committed before append() returns. Several processes of
/// one machine may have it open; on a network file system, one.
class SqliteJournal final : public Journal {
 public:
  /// Throws as JournalFile does for what is there; a new file is made by open().
  explicit SqliteJournal(std::string path) : file_(std::move(path), JournalFile::Use::write) {}

  const std::string& path() const { return file_.path(); }

  bool open(const SearchDescription& search) override;
  std::optional<FitResult> find(const FitKey& key) override;
  bool append(const FitKey& key, const Trial& trial, const ParamSet& params,
              const FitResult& result) override;
  /// A row of another journal: the digest as a text, the number of the candidate, and its
  /// parameters as JSON.
  struct Row {
    std::string digest;
    std::size_t fold;
    std::size_t number;
    std::string params;
    FitResult result;
  };
  /// All of them or none; how many fits without an error came where there was none. One that has
  /// failed is kept where there is no other.
  std::size_t append_rows(const std::vector<Row>& rows);

 private:
  struct Statements;

  bool has_fit(const std::string& digest, std::size_t fold);
  bool put_row(const std::string& digest, std::size_t fold, std::size_t number,
               const std::string& params, const FitResult& result);
  std::int64_t candidate_id(const std::string& digest, std::size_t number,
                            const std::string& params);
  void put_scores(std::int64_t candidate, std::size_t fold, const char* part,
                  const std::vector<double>& scores);

  JournalFile file_;
  SearchDescription search_;
  std::shared_ptr<Statements> statements_;  // which end before the database
};

}  // namespace skarma::cli
