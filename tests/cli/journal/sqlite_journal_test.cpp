#include <skarma/cli/journal/sqlite_journal.hpp>

#include <bit>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>
#include <SQLiteCpp/SQLiteCpp.h>

#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/temporary_folder.hpp>

namespace skarma::cli {
namespace {

using skarma::test::TemporaryFolder;

SearchDescription search_of(const std::string& alpha = "0.1") {
  return {.parts = {{"version", "1"}, {"parameter alpha", alpha}},
          .metrics = {"accuracy", "f1"},
          .has_train_scores = true,
          .n_candidates = 2,
          .n_folds = 3};
}

FitResult result_with(std::vector<double> test_scores, std::vector<double> train_scores) {
  FitResult result;
  result.done = true;
  result.test_scores = std::move(test_scores);
  result.train_scores = std::move(train_scores);
  result.fit_time = 0.1;
  result.score_time = 1e-17;
  return result;
}

const FitKey kKey{{1, 2}, 1};
const ParamSet kParams = {{"alpha", 0.1}, {"hidden_layer_sizes", std::vector<std::int64_t>{5}}};

void expect_same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(std::bit_cast<std::uint64_t>(a[i]), std::bit_cast<std::uint64_t>(b[i]));
  }
}

TEST(SqliteJournal, GivesBackEachBit) {
  const TemporaryFolder folder;
  constexpr double inf = std::numeric_limits<double>::infinity();
  FitResult kept = result_with({-0.0, 0.1 + 0.2}, {1.0, -inf});
  kept.fit_warning = "it's \"slow\"\n";
  kept.well_defined = false;
  {
    SqliteJournal journal(folder.path("j"));
    EXPECT_TRUE(journal.open(search_of()));
    EXPECT_FALSE(journal.find(kKey));
    EXPECT_TRUE(journal.append(kKey, {.candidate = 7, .fold = 1}, kParams, kept));
  }
  SqliteJournal journal(folder.path("j"));
  EXPECT_FALSE(journal.open(search_of()));
  const auto found = journal.find(kKey);
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->done);
  expect_same_bits(found->test_scores, kept.test_scores);
  expect_same_bits(found->train_scores, kept.train_scores);
  expect_same_bits({found->fit_time, found->score_time}, {0.1, 1e-17});
  EXPECT_EQ(found->fit_warning, kept.fit_warning);
  EXPECT_EQ(found->fit_error, "");
  EXPECT_FALSE(found->well_defined);
  EXPECT_FALSE(journal.find({{1, 2}, 2}));
  EXPECT_FALSE(journal.find({{2, 2}, 1}));
}

TEST(SqliteJournal, NanIsNan) {
  const TemporaryFolder folder;
  SqliteJournal journal(folder.path("j"));
  journal.open(search_of());
  FitResult failed = result_with({std::nan(""), 0.5}, {0.5, std::nan("")});
  failed.score_errors = {"no f1", "none at all"};
  journal.append(kKey, {}, kParams, failed);
  const auto found = journal.find(kKey);
  EXPECT_TRUE(std::isnan(found->test_scores[0]));
  EXPECT_TRUE(std::isnan(found->train_scores[1]));
  EXPECT_EQ(found->score_errors, failed.score_errors);
}

TEST(SqliteJournal, WhatIsThereStaysUnlessItHadFailed) {
  const TemporaryFolder folder;
  SqliteJournal journal(folder.path("j"));
  journal.open(search_of());
  FitResult failed = result_with({0.0, 0.0}, {0.0, 0.0});
  failed.fit_error = "out of memory";
  EXPECT_TRUE(journal.append(kKey, {}, kParams, failed));
  EXPECT_EQ(journal.find(kKey)->fit_error, "out of memory");
  EXPECT_TRUE(journal.append(kKey, {}, kParams, result_with({1.0, 2.0}, {3.0, 4.0})));
  EXPECT_FALSE(journal.append(kKey, {}, kParams, result_with({9.0, 9.0}, {9.0, 9.0})));
  EXPECT_FALSE(journal.append(kKey, {}, kParams, failed));
  const auto found = journal.find(kKey);
  EXPECT_EQ(found->test_scores, (std::vector{1.0, 2.0}));
  EXPECT_EQ(found->train_scores, (std::vector{3.0, 4.0}));
  EXPECT_EQ(found->fit_error, "");
}

TEST(SqliteJournal, TwoOnOneFileSeeEachOther) {
  const TemporaryFolder folder;
  SqliteJournal first(folder.path("j"));
  EXPECT_TRUE(first.open(search_of()));
  SqliteJournal second(folder.path("j"));
  EXPECT_FALSE(second.open(search_of()));
  first.append(kKey, {}, kParams, result_with({1.0, 2.0}, {3.0, 4.0}));
  EXPECT_EQ(second.find(kKey)->test_scores, (std::vector{1.0, 2.0}));
  EXPECT_FALSE(second.append(kKey, {}, kParams, result_with({1.0, 2.0}, {3.0, 4.0})));
}

TEST(SqliteJournal, AnybodysSqliteReadsIt) {
  const TemporaryFolder folder;
  SqliteJournal journal(folder.path("j"));
  journal.open(search_of());
  journal.append(kKey, {.candidate = 7, .fold = 1}, kParams, result_with({1.0, 2.0}, {3.0, 4.0}));
  SQLite::Database database(folder.path("j"));
  SQLite::Statement row(database,
                        "SELECT candidate, json_extract(params, '$.alpha'), fold, score FROM "
                        "results WHERE part = 'test' AND metric = 'f1'");
  ASSERT_TRUE(row.executeStep());
  EXPECT_EQ(row.getColumn(0).getInt(), 1);  // its id: numbers are of one grid alone
  EXPECT_EQ(row.getColumn(1).getDouble(), 0.1);
  EXPECT_EQ(row.getColumn(2).getInt(), 1);
  EXPECT_EQ(row.getColumn(3).getDouble(), 2.0);
  EXPECT_FALSE(row.executeStep());
}

TEST(SqliteJournal, AFileIsMadeWhenTheSearchBegins) {
  const TemporaryFolder folder;
  SqliteJournal journal(folder.path("j"));
  EXPECT_FALSE(std::filesystem::exists(folder.path("j")));
  journal.open(search_of());
  EXPECT_TRUE(std::filesystem::exists(folder.path("j")));
}

TEST(SqliteJournalThreads, ManyMayStartOnANewOne) {
  const TemporaryFolder folder;
  std::mutex mutex;
  std::vector<std::string> errors;
  for (int round = 0; round < 40; ++round) {
    const std::string path = folder.path("j" + std::to_string(round));
    std::vector<std::jthread> threads;
    for (int i = 0; i < 6; ++i) {
      threads.emplace_back([&] {
        try {
          SqliteJournal(path).open(search_of());
        } catch (const std::exception& error) {
          const std::lock_guard lock(mutex);
          errors.emplace_back(error.what());
        }
      });
    }
  }
  EXPECT_EQ(errors, std::vector<std::string>());
}

TEST(SqliteJournal, NamesThatSqliteTakesForNoFileAreFiles) {
  const TemporaryFolder folder;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path(""));
  for (const std::string name : {":memory:", "file:j"}) {
    SqliteJournal(name).open(search_of());
    EXPECT_TRUE(std::filesystem::is_regular_file(name)) << name;
    EXPECT_FALSE(SqliteJournal(name).open(search_of())) << name;
  }
  std::filesystem::current_path(before);
}

TEST(SqliteJournal, OneOfAnotherSearchIsRefused) {
  const TemporaryFolder folder;
  const std::string path = folder.path("j");
  SqliteJournal(path).open(search_of());
  EXPECT_EQ(skarma::test::message_of<std::invalid_argument>(
                [&] { SqliteJournal(path).open(search_of("0.2")); }),
            "The journal '" + path + "' is of another search: alpha is 0.1 there, and 0.2 here.");
}

TEST(SqliteJournal, WhatIsNoJournalStaysAsItIs) {
  const TemporaryFolder folder;
  const std::string text = folder.write("text", std::string(5000, 'x'));
  EXPECT_THROW_WITH(SqliteJournal{text}, std::runtime_error, "is not a journal of skarma");
  EXPECT_EQ(folder.read("text"), std::string(5000, 'x'));
  {
    SQLite::Database other(folder.path("other"), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    other.exec("CREATE TABLE t (a)");
  }
  const std::string before = folder.read("other");
  EXPECT_THROW_WITH(SqliteJournal{folder.path("other")}, std::runtime_error,
                    "is an SQLite file, and no journal of skarma; it stays as it is");
  EXPECT_EQ(folder.read("other"), before);
  EXPECT_THROW_WITH(SqliteJournal{folder.path("")}, std::runtime_error, "is not a regular file");
  EXPECT_THROW_WITH(SqliteJournal{folder.path("none/j")}, std::runtime_error, "none");
}

TEST(SqliteJournal, ANewerOneIsRefused) {
  const TemporaryFolder folder;
  SqliteJournal(folder.path("j")).open(search_of());
  SQLite::Database(folder.path("j"), SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 2");
  EXPECT_THROW_WITH(SqliteJournal{folder.path("j")}, std::runtime_error,
                    "is a journal of a newer skarma (format 2; this one knows 1)");
}

TEST(SqliteJournal, ADamagedOneIsRefused) {
  const TemporaryFolder folder;
  {
    SqliteJournal journal(folder.path("j"));
    journal.open(search_of());
    for (std::size_t fold = 0; fold < 200; ++fold) {
      journal.append({{1, 2}, fold}, {}, kParams, result_with({1.0, 2.0}, {3.0, 4.0}));
    }
  }
  std::string bytes = folder.read("j");
  ASSERT_GT(bytes.size(), 20'000u);
  const std::string whole = bytes;
  for (std::size_t i = 4096; i < bytes.size(); i += 3) bytes[i] = 'x';
  folder.write("j", bytes);
  EXPECT_THROW_WITH(SqliteJournal{folder.path("j")}, std::runtime_error, "the journal is damaged");
  folder.write("j", whole.substr(0, 9000));
  EXPECT_THROW_WITH(SqliteJournal{folder.path("j")}, std::runtime_error, "the journal is damaged");
}

}  // namespace
}  // namespace skarma::cli
