#pragma once

#include <exception>
#include <string>
#include <utility>

#include <SQLiteCpp/SQLiteCpp.h>

#include <skarma/model_selection/search/journal.hpp>

namespace skarma::cli {

/// The SQLite file of a journal: docs/guide/journal.md has its tables.
class JournalFile {
 public:
  /// Opens what is there; a new one is made by create(). Throws std::runtime_error for a file that
  /// is no journal, is damaged or of a newer skarma, and where one could not be written.
  enum class Use { read, write };
  JournalFile(std::string path, Use use);

  const std::string& path() const { return path_; }
  bool is_open() const { return database_ != nullptr; }
  /// Makes the file, if it is not there.
  void create();

  /// Does `work` with the database: what SQLite refuses is a std::runtime_error that names the
  /// file.
  template <class Work>
  auto with(Work work) const {
    try {
      return work(*database_);
    } catch (const SQLite::Exception& error) {
      throw_in_words(error);
    }
  }
  /// The same within a transaction that nobody else writes in: all of it or nothing is kept.
  template <class Work>
  auto within_transaction(Work work) const {
    return with([&](SQLite::Database& database) {
      SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
      auto result = work(database);
      transaction.commit();
      return result;
    });
  }

  /// The search that it is of; no parts where it is new.
  SearchDescription search() const;
  /// Makes it one of this search, or throws std::invalid_argument: it is one of another. Whether it
  /// was new.
  bool adopt(const SearchDescription& search) const;

 private:
  void open(Use use);
  void check_format();
  [[noreturn]] void throw_in_words(const SQLite::Exception& error) const;

  std::string path_;
  std::unique_ptr<SQLite::Database> database_;
};

}  // namespace skarma::cli
