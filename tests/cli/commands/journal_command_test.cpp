// grid-search --journal and --shard, and what skarma journal makes of their files.
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <random>
#include <thread>

#include <gtest/gtest.h>
#include <SQLiteCpp/SQLiteCpp.h>
#include <nlohmann/json.hpp>

#include <skarma/tests/cli/child_process.hpp>
#include <skarma/tests/cli/run_app.hpp>
#include <skarma/tests/support/temporary_folder.hpp>

namespace skarma::cli {
namespace {

using skarma::test::TemporaryFolder;
using test::ChildProcess;
using test::expect_has;
using test::run_app;
using Words = std::vector<std::string>;

/// A search of 4 candidates x 3 folds.
Words small(const Words& more = {}) {
  Words words = {"grid-search", "--dataset",  "iris", "--scale", "standard",
                 "--seed",      "1",          "--cv", "3",       "--jobs",
                 "2",           "--max-iter", "5",    "--grid",  "alpha=logspace(-3,3,4)"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

/// One of 400 fits of some milliseconds.
Words four_hundred(const Words& more) {
  Words words = {"grid-search",
                 "--dataset",
                 "iris",
                 "--seed",
                 "1",
                 "--cv",
                 "4",
                 "--jobs",
                 "2",
                 "--max-iter",
                 "40",
                 "--tol",
                 "0",
                 "--n-iter-no-change",
                 "1000",
                 "--grid",
                 "alpha=logspace(-3,3,100)"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

int rows_in(const std::string& path) {
  if (!std::filesystem::exists(path)) return 0;
  SQLite::Database database(path, SQLite::OPEN_READWRITE, 10'000);
  if (!database.tableExists("fits")) return 0;
  return database.execAndGet("SELECT count(*) FROM fits").getInt();
}

/// CSV without the columns of times.
std::string without_times(const std::string& csv) {
  std::vector<bool> kept;
  std::string text;
  std::istringstream lines(csv);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream cells(line);
    std::size_t column = 0;
    for (std::string cell; std::getline(cells, cell, ','); ++column) {
      if (text.find('\n') == std::string::npos) {
        kept.push_back(cell.find("_time") == std::string::npos);
      }
      if (kept[column]) text += cell + ",";
    }
    text += "\n";
  }
  return text;
}

TEST(JournalCommand, ASearchGoesOnFromItsJournal) {
  const TemporaryFolder folder;
  const auto first =
      run_app(small({"--journal", folder.path("j"), "--output", folder.path("a.csv")}));
  ASSERT_EQ(first.code, 0) << first.err;
  const auto second =
      run_app(small({"--journal", folder.path("j"), "--output", folder.path("b.csv")}));
  ASSERT_EQ(second.code, 0) << second.err;
  expect_has(second.out, "12 of them from " + folder.path("j"));
  EXPECT_EQ(folder.read("a.csv"), folder.read("b.csv"));  // times, too
  ASSERT_EQ(run_app(small({"--output", folder.path("plain.csv")})).code, 0);
  EXPECT_EQ(without_times(folder.read("plain.csv")), without_times(folder.read("a.csv")));
  EXPECT_FALSE(std::filesystem::exists(folder.path("j-wal")));
}

TEST(JournalCommand, ShardsMergedAreOneSearch) {
  const TemporaryFolder folder;
  Words merge = {"journal", "merge", folder.path("all")};
  for (const std::string number : {"1", "2", "3"}) {
    const std::string path = folder.path("s" + number);
    const auto shard = run_app(small({"--journal", path, "--shard", number + "/3"}));
    EXPECT_EQ(shard.code, 0) << shard.err;
    expect_has(shard.out, "shard " + number + "/3: 4 fits");
    expect_has(shard.out, "8 of 12 fits of the search are not in " + path);
    merge.push_back(path);
  }
  const auto merged = run_app(merge);
  EXPECT_EQ(merged.code, 0) << merged.err;
  EXPECT_EQ(merged.out, folder.path("all") + ": 12 fits are new; 12 of 12 fits are done\n");
  expect_has(run_app(merge).out, "0 fits are new");
  const auto whole =
      run_app(small({"--journal", folder.path("all"), "--output", folder.path("a.csv")}));
  expect_has(whole.out, "12 of them from");
  ASSERT_EQ(run_app(small({"--output", folder.path("plain.csv")})).code, 0);
  EXPECT_EQ(without_times(folder.read("plain.csv")), without_times(folder.read("a.csv")));
}

TEST(JournalCommand, AShareOfTheLargestCountHasOneFit) {
  const TemporaryFolder folder;
  const auto shard =
      run_app(small({"--journal", folder.path("j"), "--shard", "1/18446744073709551615"}));
  EXPECT_EQ(shard.code, 0) << shard.err;
  expect_has(shard.out, "shard 1/18446744073709551615: 1 fit,");
}

TEST(JournalCommand, ShardsMayShareAJournal) {
  const TemporaryFolder folder;
  run_app(small({"--journal", folder.path("j"), "--shard", "2/2"}));
  const auto last = run_app(small({"--journal", folder.path("j"), "--shard", "1/2"}));
  expect_has(last.out, "all 12 fits of the search are in " + folder.path("j"));
}

TEST(JournalCommand, ListsShowsAndExports) {
  const TemporaryFolder folder;
  const std::string path = folder.path("j");
  run_app(small({"--journal", path, "--shard", "1/2"}));
  const auto listed = run_app({"journal", "list", path});
  expect_has(listed.out, "mlpclassifier__alpha=0.001   2/3");
  expect_has(listed.out, "6 of 12 fits are done");
  const auto shown = run_app({"journal", "show", path});
  expect_has(shown.out, "parameter mlpclassifier__random_state = 1\n");
  expect_has(shown.out, "4 candidates x 3 folds; 6 of 12 fits are done");
  EXPECT_EQ(run_app({"journal", "export", path}).err,
            "skarma: 4 of 4 candidates lack folds and are left out\n");
  ASSERT_EQ(run_app(small({"--journal", path, "--output", folder.path("a.csv")})).code, 0);
  const auto exported = run_app({"journal", "export", path});
  EXPECT_EQ(exported.err, "");
  std::string expected = folder.read("a.csv");
  for (auto at = expected.find("param_alpha"); at != std::string::npos;) {
    expected.replace(at, 11, "param_mlpclassifier__alpha");
    break;
  }
  EXPECT_EQ(exported.out, expected);
  ASSERT_EQ(run_app({"journal", "export", path, "--output", folder.path("e.json")}).code, 0);
  const auto json = nlohmann::json::parse(folder.read("e.json"));
  EXPECT_EQ(json["params"][1]["mlpclassifier__alpha"], 0.1);
  EXPECT_EQ(json["mean_test_score"].size(), 4u);
}

TEST(JournalCommand, MergeNamesWhatDoesNotFit) {
  const TemporaryFolder folder;
  run_app(small({"--journal", folder.path("a"), "--shard", "1/2"}));
  run_app(small({"--journal", folder.path("b"), "--shard", "1/2"}));
  run_app(small({"--journal", folder.path("c"), "--shard", "1/2", "--alpha", "7"}));
  const auto other =
      run_app({"journal", "merge", folder.path("all"), folder.path("a"), folder.path("c")});
  EXPECT_EQ(other.code, 1);
  expect_has(other.err, "alpha is 0.0001 there, and 7.0 here");
  SQLite::Database(folder.path("b"), SQLite::OPEN_READWRITE)
      .exec("UPDATE scores SET score = 2 WHERE candidate = 1 AND fold = 0 AND part = 'test'");
  const auto conflict =
      run_app({"journal", "merge", folder.path("all"), folder.path("a"), folder.path("b")});
  EXPECT_EQ(conflict.code, 1);
  expect_has(conflict.err, "have other scores for {\"mlpclassifier__alpha\":0.001} on fold 0");
  EXPECT_FALSE(std::filesystem::exists(folder.path("all")));
}

TEST(JournalCommand, CandidatesOfTwoGridsAreToldApart) {
  const TemporaryFolder folder;
  const std::string path = folder.path("j");
  run_app(small({"--journal", path}));
  Words other = small({"--journal", path});
  other[other.size() - 3] = "alpha=7";
  EXPECT_EQ(run_app(other).code, 0);
  SQLite::Database(path, SQLite::OPEN_READWRITE).exec("UPDATE plan SET n_candidates = 1");
  const auto exported = run_app({"journal", "export", path});
  EXPECT_EQ(exported.code, 0);
  EXPECT_EQ(exported.err, "");  // none lacks a fold
  SQLite::Database database(path, SQLite::OPEN_READWRITE);
  const int n = database.execAndGet("SELECT count(*) FROM candidates").getInt();
  EXPECT_EQ(n, 5);
  EXPECT_EQ(database.execAndGet("SELECT count(DISTINCT candidate) FROM results").getInt(), n);
  const auto listed = run_app({"journal", "list", path}).out;
  for (int id = 1; id <= n; ++id) expect_has(listed, std::to_string(id) + "  mlpclassifier");
  expect_has(listed, std::to_string(3 * n) + " of " + std::to_string(3 * n) + " fits are done");
}

TEST(JournalCommand, MergeCountsWhatIsDoneAlone) {
  const TemporaryFolder folder;
  run_app(small({"--journal", folder.path("a")}));
  SQLite::Database(folder.path("a"), SQLite::OPEN_READWRITE)
      .exec("UPDATE fits SET error = 'out of memory' WHERE candidate = 2");
  const Words merge = {"journal", "merge", folder.path("all"), folder.path("a")};
  expect_has(run_app(merge).out, "9 fits are new; 9 of 12 fits are done, 3 have failed");
  expect_has(run_app(merge).out, "0 fits are new; 9 of 12 fits are done, 3 have failed");
}

TEST(JournalCommand, LookingLeavesNothingBeside) {
  const TemporaryFolder folder;
  const std::string path = folder.path("j");
  run_app(small({"--journal", path}));
  for (const std::string action : {"list", "show", "export"}) {
    EXPECT_EQ(run_app({"journal", action, path}).code, 0);
    EXPECT_FALSE(std::filesystem::exists(path + "-wal")) << action;
    EXPECT_FALSE(std::filesystem::exists(path + "-shm")) << action;
  }
}

TEST(JournalCommand, WhatCannotBeIsDamage) {
  const TemporaryFolder folder;
  run_app(small({"--journal", folder.path("whole")}));
  const Words damages = {"DELETE FROM candidates WHERE id = 1",
                         "UPDATE plan SET metrics = '[1]'",
                         "UPDATE plan SET n_folds = 1000000000000000",
                         "UPDATE plan SET n_folds = -1",
                         "UPDATE fits SET fold = -3 WHERE id = 1",
                         "UPDATE scores SET score = 'much' WHERE candidate = 1",
                         "UPDATE candidates SET params = '[' WHERE id = 1",
                         "PRAGMA foreign_keys = OFF; DROP TABLE plan"};
  for (const std::string& damage : damages) {
    const std::string path = folder.path("j");
    std::filesystem::copy_file(folder.path("whole"), path,
                               std::filesystem::copy_options::overwrite_existing);
    SQLite::Database(path, SQLite::OPEN_READWRITE).exec(damage);
    for (const std::string action : {"list", "export"}) {
      const auto result = run_app({"journal", action, path});
      EXPECT_EQ(result.code, 1) << damage;
      EXPECT_NE(result.err.find("the journal is damaged"), std::string::npos)
          << damage << ": " << result.err;
    }
  }
}

TEST(JournalCommand, AFailedFitIsShownAndDoneAgain) {
  const TemporaryFolder folder;
  const std::string path = folder.path("j");
  run_app(small({"--journal", path}));
  SQLite::Database(path, SQLite::OPEN_READWRITE)
      .exec("UPDATE fits SET error = 'out of memory' WHERE candidate = 2");
  expect_has(run_app({"journal", "list", path}).out, "3/3, 3 failed");
  expect_has(run_app({"journal", "show", path}).out, "9 of 12 fits are done, 3 have failed");
  expect_has(run_app(small({"--journal", path})).out, "9 of them from");
  expect_has(run_app({"journal", "show", path}).out, "12 of 12 fits are done\n");
}

TEST(JournalCommandThreads, KilledSearchesGoOn) {
  const TemporaryFolder folder;
  const std::string path = folder.path("j");
  ASSERT_EQ(run_app(four_hundred({"--output", folder.path("plain.csv")})).code, 0);
  std::mt19937 random(1);
  int n_kept = 0;
  for (int i = 0; i < 4; ++i) {
    ChildProcess program(four_hundred({"--journal", path}));
    const int wanted = n_kept + std::uniform_int_distribution(5, 60)(random);
    while (rows_in(path) < wanted) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    program.send(SIGKILL);
    EXPECT_EQ(program.finish(), -1 - SIGKILL);
    EXPECT_GE(rows_in(path), wanted);
    n_kept = rows_in(path);
  }
  ASSERT_LT(n_kept, 400);
  const auto last = run_app(four_hundred({"--journal", path, "--output", folder.path("a.csv")}));
  ASSERT_EQ(last.code, 0) << last.err;
  expect_has(last.out, std::to_string(n_kept) + " of them from");
  EXPECT_EQ(without_times(folder.read("plain.csv")), without_times(folder.read("a.csv")));
}

TEST(JournalCommandThreads, SigtermLeavesWhatIsDone) {
  const TemporaryFolder folder;
  const std::string path = folder.path("j");
  ChildProcess program(four_hundred({"--journal", path}));
  while (rows_in(path) < 20) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  program.send(SIGTERM);
  EXPECT_EQ(program.finish(), 128 + SIGTERM);
  expect_has(program.err(), "the same command goes on");
  EXPECT_GE(rows_in(path), 20);
  EXPECT_LT(rows_in(path), 400);
}

TEST(JournalCommandThreads, TwoProcessesShareTheWork) {
  const TemporaryFolder folder;
  const std::string path = folder.path("j");
  ChildProcess first(four_hundred({"--journal", path, "--output", folder.path("a.csv")}));
  while (rows_in(path) < 5) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  ChildProcess second(four_hundred({"--journal", path, "--output", folder.path("b.csv")}));
  EXPECT_EQ(first.finish(), 0) << first.err();
  EXPECT_EQ(second.finish(), 0) << second.err();
  EXPECT_EQ(rows_in(path), 400);
  EXPECT_EQ(folder.read("a.csv"), folder.read("b.csv"));  // the recorded times, too
}

TEST(JournalCommand, AFullDiskLosesNothing) {
  const TemporaryFolder folder;
  const std::string path = folder.path("j");
  std::string command = "trap '' XFSZ; ulimit -f 400; exec " SKARMA_CLI_PATH;
  for (const std::string& word : four_hundred({"--journal", path})) command += " '" + word + "'";
  command = "sh -c \"" + command + "\" >/dev/null 2>'" + folder.path("err") + "'";
  EXPECT_NE(std::system(command.c_str()), 0);
  expect_has(folder.read("err"), "the journal cannot be written");
  expect_has(folder.read("err"), "The fits that it has stay.");
  const int n_kept = rows_in(path);
  EXPECT_GT(n_kept, 0);
  EXPECT_LT(n_kept, 400);
  const auto last = run_app(four_hundred({"--journal", path, "-q"}));
  EXPECT_EQ(last.code, 0) << last.err;
  expect_has(last.out, std::to_string(n_kept) + " of them from");
}

}  // namespace
}  // namespace skarma::cli
