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
  /// The same of a row of another journal: the digest as a text, the number of the candidate, and
  /// its parameters as JSON.
  bool append_row(const std::string& digest, std::size_t fold, std::size_t number,
                  const std::string& params, const FitResult& result);

 private:
  struct Statements;

  std::int64_t candidate_id(const std::string& digest, std::size_t number,
                            const std::string& params);
  void put_scores(std::int64_t candidate, std::size_t fold, const char* part,
                  const std::vector<double>& scores);

  JournalFile file_;
  SearchDescription search_;
  std::shared_ptr<Statements> statements_;  // which end before the database
};

}  // namespace skarma::cli
