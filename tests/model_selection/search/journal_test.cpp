#include <skarma/estimators/nn/estimators.hpp>
#include <skarma/model_selection/search/journal.hpp>

#include <cmath>
#include <limits>
#include <set>
#include <stop_token>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/estimators/pipeline.hpp>
#include <skarma/estimators/preprocessing/normalizer.hpp>
#include <skarma/estimators/preprocessing/standard_scaler.hpp>
#include <skarma/model_selection/grid_search.hpp>
#include <skarma/tests/support/memory_journal.hpp>
#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

using test::MemoryJournal;

constexpr std::size_t kAllFits = 3 * 4;

Matrix<double> samples() {
  Matrix<double> x(24, 2);
  for (std::size_t i = 0; i < 24; ++i) {
    x.row(i)[0] = std::sin(static_cast<double>(i));
    x.row(i)[1] = std::cos(static_cast<double>(i * i));
  }
  return x;
}

Target labels() {
  std::vector<int> y;
  for (int i = 0; i < 24; ++i) y.push_back(i % 3 == 0 ? 1 : 0);
  return y;
}

MLPClassifier network() {
  return MLPClassifier({.hidden_layer_sizes = {3}, .max_iter = 5, .random_state = 1});
}

ParamGrid journal_grid() { return {{"alpha", {0.001, 0.1, 10.0}}}; }

GridSearchOptions with_journal(Journal& journal) {
  GridSearchOptions options{.cv = 4, .return_train_score = true};
  options.journal = &journal;
  return options;
}

GridSearchCV searched(GridSearchOptions options, const ParamGrid& grid = journal_grid()) {
  GridSearchCV search(network(), grid, std::move(options));
  search.fit(samples(), labels());
  return search;
}

/// Every number of cv_results, times among them if wanted.
void expect_same_results(const CvResults& a, const CvResults& b, bool with_times) {
  ASSERT_EQ(a.params.size(), b.params.size());
  ASSERT_EQ(a.columns.size(), b.columns.size());
  for (const CvColumn& column : a.columns) {
    if (!with_times && column.name.ends_with("_time")) continue;
    if (std::holds_alternative<std::vector<double>>(column.values)) {
      EXPECT_EQ(a.numbers(column.name), b.numbers(column.name)) << column.name;
    }
  }
  EXPECT_EQ(a.ranks("rank_test_score"), b.ranks("rank_test_score"));
}

TEST(SearchJournal, ResultsAreThoseOfASearchWithout) {
  MemoryJournal journal;
  const auto search = searched(with_journal(journal));
  EXPECT_EQ(journal.fits.size(), kAllFits);
  EXPECT_EQ(search.n_recorded(), 0u);
  EXPECT_EQ(search.n_missing(), 0u);
  const auto plain = searched({.cv = 4, .return_train_score = true});
  expect_same_results(search.cv_results(), plain.cv_results(), false);
  EXPECT_EQ(search.best_index(), plain.best_index());
}

TEST(SearchJournal, AWholeOneIsReadAndNothingIsFitted) {
  MemoryJournal journal;
  const auto first = searched(with_journal(journal));
  journal.appended.clear();
  auto options = with_journal(journal);
  options.refit = false;
  std::size_t n_made = 0;
  options.before_fit = [&](Estimator&) { ++n_made; };
  const auto second = searched(options);
  EXPECT_EQ(n_made, 0u);
  EXPECT_TRUE(journal.appended.empty());
  EXPECT_EQ(second.n_recorded(), kAllFits);
  expect_same_results(first.cv_results(), second.cv_results(), true);
}

TEST(SearchJournal, AStoppedSearchGoesOnWhereItWas) {
  for (const int n_jobs : {1, 2}) {
    MemoryJournal journal;
    std::stop_source stop;
    auto options = with_journal(journal);
    options.n_jobs = n_jobs;
    options.stop = stop.get_token();
    options.progress = [&](const SearchProgress& progress) {
      if (progress.n_done == 5) stop.request_stop();
    };
    EXPECT_TRUE(searched(options).interrupted());
    const std::size_t n_first = journal.fits.size();
    EXPECT_GE(n_first, 5u);
    EXPECT_LT(n_first, kAllFits);
    journal.appended.clear();
    options = with_journal(journal);
    options.n_jobs = n_jobs;
    const auto second = searched(options);
    EXPECT_EQ(second.n_recorded(), n_first);
    EXPECT_EQ(journal.appended.size(), kAllFits - n_first);
    expect_same_results(second.cv_results(),
                        searched({.cv = 4, .return_train_score = true}).cv_results(), false);
  }
}

TEST(SearchJournal, ALargerGridTakesWhatIsThere) {
  MemoryJournal journal;
  searched(with_journal(journal));
  journal.appended.clear();
  searched(with_journal(journal), {{"alpha", {0.001, 0.01, 0.1, 10.0}}});
  EXPECT_EQ(journal.appended.size(), 4u);
  for (const Trial& trial : journal.appended) EXPECT_EQ(trial.candidate, 1u);
}

TEST(SearchJournal, WhatOthersAppendMeanwhileIsNotFitted) {
  MemoryJournal whole;
  searched(with_journal(whole));
  MemoryJournal journal;
  auto options = with_journal(journal);
  options.refit = false;
  std::size_t n_made = 0;
  options.before_fit = [&](Estimator&) {
    // Another process does all that is left.
    if (++n_made == 3) journal.fits.insert(whole.fits.begin(), whole.fits.end());
  };
  const auto search = searched(options);
  EXPECT_EQ(n_made, 3u);
  EXPECT_EQ(search.cv_results().params.size(), 3u);
  // Of the fit that both did the journal has the times.
  const CvResults& results = search.cv_results();
  for (std::size_t fold = 0; fold < 4; ++fold) {
    std::set<double> there;
    for (const auto& [key, fit] : whole.fits) {
      if (key.second == fold) there.insert(fit.test_scores[0]);
    }
    for (const double score : results.numbers(fmt::format("split{}_test_score", fold))) {
      EXPECT_TRUE(there.contains(score));
    }
  }
  double all_times = 0.0;
  for (const auto& [key, fit] : journal.fits) all_times += fit.fit_time;
  double mean_times = 0.0;
  for (const double mean : results.numbers("mean_fit_time")) mean_times += 4 * mean;
  EXPECT_DOUBLE_EQ(mean_times, all_times);
}

TEST(SearchJournal, ShardsAreTheWholeSearch) {
  MemoryJournal joined;
  std::set<std::pair<std::size_t, std::size_t>> done;
  for (std::size_t number = 1; number <= 5; ++number) {
    MemoryJournal journal;
    auto options = with_journal(journal);
    options.shard = {number, 5};
    const auto search = searched(options);
    EXPECT_FALSE(search.has_best());
    EXPECT_EQ(search.n_missing(), kAllFits - journal.appended.size());
    for (const Trial& trial : journal.appended) {
      EXPECT_TRUE(done.insert({trial.candidate, trial.fold}).second);
      EXPECT_EQ((trial.candidate * 4 + trial.fold) % 5 + 1, number);
    }
    joined.description = journal.description;
    joined.fits.insert(journal.fits.begin(), journal.fits.end());
  }
  EXPECT_EQ(done.size(), kAllFits);
  const auto whole = searched(with_journal(joined));
  EXPECT_TRUE(joined.appended.empty());
  expect_same_results(whole.cv_results(),
                      searched({.cv = 4, .return_train_score = true}).cv_results(), false);
}

TEST(SearchJournal, AFailedFitIsDoneAgain) {
  MemoryJournal journal;
  auto options = with_journal(journal);
  options.refit = false;
  bool fails = true;
  options.before_fit = [&](Estimator& estimator) {
    if (fails && std::get<double>(*estimator.parameter("alpha")) == 0.1) {
      throw std::bad_alloc();
    }
  };
  const auto first = searched(options);
  EXPECT_TRUE(std::isnan(first.cv_results().numbers("mean_test_score")[1]));
  EXPECT_EQ(journal.fits.size(), kAllFits);
  fails = false;
  journal.appended.clear();
  const auto second = searched(options);
  EXPECT_EQ(journal.appended.size(), 4u);
  expect_same_results(second.cv_results(),
                      searched({.cv = 4, .return_train_score = true}).cv_results(), false);
}

TEST(SearchJournal, AShardSaysWhichOfItsFitsFailed) {
  double failing = 0.1;  // which are fits 4 ... 7
  const auto share = [&](std::size_t number) {
    MemoryJournal journal;
    auto options = with_journal(journal);
    options.shard = {number, 3};
    options.before_fit = [&](Estimator& estimator) {
      const double alpha = std::get<double>(*estimator.parameter("alpha"));
      if (failing == 0.0 || alpha == failing) throw std::bad_alloc();
    };
    return searched(options).warnings();
  };
  const auto warnings = share(2);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_TRUE(warnings[0].starts_with("2 fits failed out of a total of 4.")) << warnings[0];
  failing = 0.0;
  EXPECT_THROW_WITH(share(2), std::invalid_argument, "All the 4 fits failed.");
}

TEST(SearchJournal, WhatIsLeftOutIsNotDoneBesideAJournal) {
  MemoryJournal journal;
  auto options = with_journal(journal);
  options.leave_out = [](const Trial& trial) { return trial.candidate == 1; };
  const auto search = searched(options);
  EXPECT_EQ(journal.appended.size(), kAllFits - 4);
  for (const Trial& trial : journal.appended) EXPECT_NE(trial.candidate, 1u);
  EXPECT_EQ(search.cv_results().params.size(), 2u);
  options.leave_out = {};
  searched(options);
  options.leave_out = [](const Trial& trial) { return trial.candidate == 1; };
  const auto again = searched(options);  // also of what is recorded
  EXPECT_EQ(again.n_recorded(), kAllFits - 4);
  EXPECT_EQ(again.cv_results().params.size(), 2u);
}

TEST(SearchJournal, AnOrderBySeedHoldsBesideAJournal) {
  const auto order = [](std::uint32_t seed) {
    MemoryJournal journal;
    auto options = with_journal(journal);
    options.order_seed = seed;
    searched(options);
    std::vector<std::size_t> fits;
    for (const Trial& trial : journal.appended) fits.push_back(trial.candidate * 4 + trial.fold);
    return fits;
  };
  EXPECT_EQ(order(1), order(1));
  EXPECT_NE(order(1), order(2));
}

TEST(SearchJournal, SharesAreCountedUpToTheLargestCount) {
  constexpr std::size_t most = std::numeric_limits<std::size_t>::max();
  EXPECT_EQ((Shard{1, most}.share_of(12)), 1u);
  EXPECT_EQ((Shard{12, most}.share_of(12)), 1u);
  EXPECT_EQ((Shard{13, most}.share_of(12)), 0u);
  EXPECT_EQ((Shard{2, 5}.share_of(12)), 3u);
  EXPECT_EQ((Shard{3, 5}.share_of(12)), 2u);
}

TEST(SearchJournal, AFullOneEndsTheSearchAndKeepsItsFits) {
  MemoryJournal journal;
  journal.room = 5;
  EXPECT_THROW_WITH(searched(with_journal(journal)), std::runtime_error, "the journal is full");
  EXPECT_EQ(journal.fits.size(), 5u);
  journal.room = kAllFits;
  EXPECT_EQ(searched(with_journal(journal)).n_recorded(), 5u);
}

/// What a journal of a search says to this one.
std::string refusal(const Estimator& estimator, const Matrix<double>& x, const Target& y,
                    GridSearchOptions options, const std::vector<double>& weights = {}) {
  MemoryJournal journal;
  searched(with_journal(journal));
  options.journal = &journal;
  const std::size_t n_before = journal.appended.size();
  const std::string text = test::message_of<std::invalid_argument>([&] {
    GridSearchCV search(estimator, journal_grid(), options);
    search.fit(x, y, weights);
  });
  EXPECT_EQ(journal.appended.size(), n_before);
  return text;
}

TEST(SearchJournal, OneOfAnotherSearchIsRefusedByWhatDiffers) {
  MemoryJournal unused;
  const GridSearchOptions same = with_journal(unused);
  Matrix<double> x = samples();
  x.row(23)[1] = std::nextafter(x.row(23)[1], 2.0);
  EXPECT_EQ(refusal(network(), x, labels(), same), "The journal is of other data.");
  std::vector<int> y = labels().as_ints();
  y.back() = 1 - y.back();
  EXPECT_EQ(refusal(network(), samples(), y, same), "The journal is of other targets.");
  EXPECT_EQ(refusal(network(), samples(), labels(), same, std::vector<double>(24, 1.0)),
            "The journal is of other weights.");
  auto options = same;
  options.cv = KFold(4, {.shuffle = true, .random_state = 0});
  EXPECT_EQ(refusal(network(), samples(), labels(), options), "The journal is of other folds.");
  options = same;
  options.scoring = "f1";
  EXPECT_EQ(refusal(network(), samples(), labels(), options),
            "The journal is of another search: scoring is score=score, of training samples, too "
            "there, and score=f1, of training samples, too here.");
  MLPClassifier other = network();
  other.set("random_state", std::int64_t{2});
  EXPECT_EQ(refusal(other, samples(), labels(), same),
            "The journal is of another search: random_state is 1 there, and 2 here.");
  other = network();
  other.set_initial_weights({.coefs = {Matrix<double>(2, 3), Matrix<double>(3, 1)}});
  EXPECT_EQ(refusal(other, samples(), labels(), same), "The journal is of other initial weights.");
}

TEST(SearchJournal, KnowsNoFunctionThatBuildsNetworks) {
  MemoryJournal journal;
  const nn::Classifier built([](const nn::BuildParameters&) {
    nn::Sequential model({nn::Dense(1, "sigmoid")}, RandomSeed(0));
    model.compile({}, "binary_crossentropy");
    return model;
  });
  const ParameterGrid grid{{{"batch_size", {2, 4}}}};
  EXPECT_THROW(GridSearchCV(built, grid, with_journal(journal)).fit(samples(), labels()),
               std::invalid_argument);
  EXPECT_TRUE(journal.fits.empty());
}

TEST(SearchJournal, StepsInAnotherOrderAreAnotherSearch) {
  MemoryJournal journal;
  const auto search = [&](const Pipeline& pipeline) {
    GridSearchCV(pipeline, ParamGrid{{"mlpclassifier__alpha", {0.001}}}, with_journal(journal))
        .fit(samples(), labels());
  };
  search(make_pipeline(StandardScaler(), Normalizer(), network()));
  const std::string text = test::message_of<std::invalid_argument>(
      [&] { search(make_pipeline(Normalizer(), StandardScaler(), network())); });
  EXPECT_EQ(text,
            "The journal is of another search: steps is standardscaler:StandardScaler, "
            "normalizer:Normalizer, mlpclassifier:MLPClassifier there, and normalizer:Normalizer, "
            "standardscaler:StandardScaler, mlpclassifier:MLPClassifier here.");
}

TEST(SearchJournal, ThreadsAreNoDifference) {
  MemoryJournal journal;
  searched(with_journal(journal));
  MLPClassifier other = network();
  other.set("n_threads", std::int64_t{2});
  GridSearchCV search(other, journal_grid(), with_journal(journal));
  search.fit(samples(), labels());
  EXPECT_EQ(search.n_recorded(), kAllFits);
}

TEST(SearchJournal, SeedsOfASplitterThatAreNoneAreRefused) {
  MemoryJournal journal;
  auto options = with_journal(journal);
  options.cv = KFold(4, {.shuffle = true});
  EXPECT_THROW_WITH(searched(options), std::invalid_argument, "the same folds each time");
  EXPECT_TRUE(journal.description.parts.empty());
}

TEST(SearchJournal, DifferencesAreSaidByName) {
  EXPECT_EQ(difference({{"a", "1"}}, {{"a", "1"}}), "");
  EXPECT_EQ(difference({{"version", "1"}}, {{"version", "2"}}),
            "another search: version is 1 there, and 2 here");
  EXPECT_EQ(difference({}, {{"parameter l1", "0"}}),
            "another search: l1 is not known there, and 0 here");
  EXPECT_EQ(difference({{"parameter l1", "0"}}, {}),
            "another search: l1 is 0 there, and not known here");
}

}  // namespace
}  // namespace skarma
