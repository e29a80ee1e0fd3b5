// Every mistake of docs/wrong_inputs.md that concerns grids, splits, scores and searches, and what
// it is answered with.
#include <cmath>

#include <gtest/gtest.h>

#include <skarma/datasets/embedded.hpp>
#include <skarma/datasets/make_blobs.hpp>
#include <skarma/datasets/make_circles.hpp>
#include <skarma/datasets/make_classification.hpp>
#include <skarma/datasets/make_moons.hpp>
#include <skarma/datasets/make_regression.hpp>
#include <skarma/datasets/read_idx.hpp>
#include <skarma/datasets/read_npy.hpp>
#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/estimators/mlp/mlp_regressor.hpp>
#include <skarma/model_selection/cross_validate.hpp>
#include <skarma/model_selection/grid_expression.hpp>
#include <skarma/model_selection/grid_search.hpp>
#include <skarma/model_selection/group_k_fold.hpp>
#include <skarma/model_selection/leave_one_out.hpp>
#include <skarma/model_selection/repeated_splitters.hpp>
#include <skarma/tests/support/memory_journal.hpp>
#include <skarma/tests/support/wrong_inputs.hpp>

namespace skarma {
namespace {

using test::WrongInputCases;

// Eight samples with one feature, and labels for them.
Matrix<double> samples() { return {8, 1, {0, 1, 2, 3, 4, 5, 6, 7}}; }
Target labels() { return std::vector<int>{0, 1, 0, 1, 0, 1, 0, 1}; }
Target numbers() { return std::vector<double>{0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4}; }
Target three_classes() { return std::vector<int>{0, 1, 2, 0, 1, 2, 0, 1}; }

MLPClassifier classifier() {
  return MLPClassifier({.hidden_layer_sizes = {2}, .max_iter = 2, .random_state = 0});
}
MLPRegressor regressor() {
  return MLPRegressor({.hidden_layer_sizes = {2}, .max_iter = 2, .random_state = 0});
}

template <class Action>
std::function<std::string()> plain(Action action) {
  return [action] {
    action();
    return "";
  };
}

std::function<std::string()> expression(const char* text) {
  return [text] {
    parse_grid_expression(text);
    return "";
  };
}

/// A search over two values of alpha.
std::function<std::string()> search(GridSearchOptions options) {
  return [options] {
    GridSearchCV search(classifier(), ParamGrid{{"alpha", {0.1, 1.0}}}, options);
    search.fit(samples(), labels());
    return "";
  };
}

template <class S>
std::function<std::string()> split(S splitter, Target y) {
  return [splitter, y] {
    splitter.split(y.n_samples(), y);
    return "";
  };
}

std::function<std::string()> score(const Estimator& estimator, const char* scorer, Target y) {
  return [fitted = std::shared_ptr<Estimator>(estimator.clone()), scorer, y] {
    fitted->fit(samples(), y);
    const Scorer function(scorer);
    function(*fitted, samples(), y);
    return "";
  };
}

WrongInputCases grid_cases() {
  return {
      {"no_name", expression("0.1,1")},
      {"empty_value", expression("alpha=0.1,,1")},
      {"nothing_behind_the_name", expression("alpha=")},
      {"bracket_not_closed", expression("hidden_layer_sizes=(10,(5")},
      {"bracket_too_many", expression("hidden_layer_sizes=(10,))")},
      {"quote_not_closed", expression("solver='adam,sgd")},
      {"unknown_function", expression("alpha=geomspace(1,10,3)")},
      {"too_few_arguments", expression("alpha=logspace(-3,3)")},
      {"word_as_an_argument", expression("alpha=linspace(a,b,3)")},
      {"fraction_of_values", expression("alpha=linspace(0,1,2.5)")},
      {"too_many_values", expression("alpha=linspace(0,1,1000000)")},
      {"beyond_a_double", expression("alpha=logspace(0,400,3)")},
      {"range_backwards", expression("max_iter=range(10,5)")},
      {"range_without_step", expression("max_iter=range(1,10,0)")},
      {"fraction_in_a_range", expression("max_iter=range(1,2.5)")},
      {"no_values", plain([] {
         ParameterGrid(ParamGrid{{"alpha", {}}});
       })},
      {"name_twice", plain([] {
         ParameterGrid(ParamGrid{{"alpha", {0.1}}, {"alpha", {1.0}}});
       })},
  };
}

WrongInputCases split_cases() {
  const Target one_of_a_kind = std::vector<int>{0, 0, 0, 0, 0, 0, 0, 1};
  return {
      {"one_fold", plain([] { KFold(1); })},
      {"cv_of_one", plain([] { CrossValidation(1); })},
      {"more_folds_than_samples", split(KFold(9), labels())},
      {"more_folds_than_members", split(StratifiedKFold(5), labels())},
      {"seed_without_shuffle", plain([] { KFold(3, {.random_state = 1}); })},
      {"numbers_to_stratify", split(StratifiedKFold(2), numbers())},
      {"no_repetition", plain([] { ShuffleSplit(0); })},
      {"test_size_above_one", split(ShuffleSplit(1, {.test_size = 1.5}), labels())},
      {"test_size_of_all", split(ShuffleSplit(1, {.test_size = std::size_t{8}}), labels())},
      {"sizes_beyond_all", split(ShuffleSplit(1, {.test_size = 0.7, .train_size = 0.7}), labels())},
      {"nothing_to_train", split(ShuffleSplit(1, {.test_size = 0.5, .train_size = 0.1}), labels())},
      {"class_of_one_member", split(StratifiedShuffleSplit(1), one_of_a_kind)},
      {"fewer_places_than_classes",
       split(StratifiedShuffleSplit(1, {.test_size = std::size_t{1}}), labels())},
      {"no_folds", plain([] { FoldList({}); })},
      {"fold_without_test", plain([] {
         FoldList({{{0, 1}, {}}});
       })},
      {"fold_with_row_99", split(FoldList({{{0, 1}, {99}}}), labels())},
      {"no_repetition_of_folds", plain([] { RepeatedKFold(2, {.n_repeats = 0}); })},
      {"one_sample_to_leave_out", split(LeaveOneOut(), std::vector<int>{1})},
      {"no_groups", split(GroupKFold(2), labels())},
      {"fewer_groups_than_folds",
       [] {
         GroupKFold(3).split(8, labels(), std::vector<int>{1, 1, 1, 1, 2, 2, 2, 2});
         return "";
       }},
      {"groups_of_another_length", plain([] {
         GridSearchCV(classifier(), ParamGrid{{"alpha", {0.1}}}, {.cv = GroupKFold(2)})
             .fit(samples(), labels(), {}, {}, std::vector<int>{1, 2, 3});
       })},
  };
}

WrongInputCases score_cases() {
  return {
      {"unknown_scorer", plain([] { Scorer("acuracy"); })},
      {"no_scorer", plain([] { Scoring(std::vector<Scorer>{}); })},
      {"scorer_twice", plain([] {
         Scoring({"r2", "r2"});
       })},
      {"f1_of_three_classes", score(classifier(), "f1", three_classes())},
      {"f1_without_label_one",
       score(classifier(), "f1", std::vector<std::string>{"a", "b", "a", "b", "a", "b", "a", "b"})},
      {"roc_auc_of_three_classes", score(classifier(), "roc_auc", three_classes())},
      {"log_loss_without_a_class", plain([] {
         auto model = classifier();
         model.fit(samples(), three_classes());
         Scorer("neg_log_loss")(model, samples(), labels());
       })},
      {"samples_average_of_labels", score(classifier(), "f1_samples", labels())},
      {"deviance_of_negative_numbers", score(regressor(), "neg_mean_poisson_deviance",
                                             std::vector<double>{-1, 1, 2, 3, 4, 5, 6, 7.5})},
      {"accuracy_of_numbers", score(regressor(), "accuracy", numbers())},
      {"f1_of_predicted_numbers", score(regressor(), "f1", labels())},
      {"outputs_of_another_number", plain([] {
         MLPClassifier model = classifier();
         model.fit(samples(), Matrix<int>(8, 2, {0, 1, 1, 0, 0, 0, 1, 1, 0, 1, 1, 0, 0, 0, 1, 1}));
         Scorer("f1_macro")(model, samples(), Matrix<int>(8, 3, std::vector<int>(24, 1)));
       })},
      {"probabilities_for_a_regressor", score(regressor(), "neg_log_loss", numbers())},
      {"scorer_with_fewer_targets", plain([] {
         auto model = classifier();
         model.fit(samples(), labels());
         Scorer("f1_macro")(model, samples(), std::vector<int>{0, 1});
       })},
      {"scorer_with_fewer_weights", plain([] {
         auto model = classifier();
         model.fit(samples(), labels());
         Scorer("balanced_accuracy")(model, samples(), labels(), std::vector<double>{1, 2});
       })},
  };
}

WrongInputCases search_cases() {
  GridSearchOptions two_metrics{.scoring = {"accuracy", "f1"}, .cv = 2};
  GridSearchOptions other_metric = two_metrics;
  other_metric.refit = "recall";
  GridSearchOptions beyond{.cv = 2, .refit = [](const CvResults&) { return std::size_t{7}; }};
  return {
      {"two_metrics_without_refit", search(two_metrics)},
      {"refit_by_a_metric_that_is_not_there", search(other_metric)},
      {"refit_by_a_row_that_is_not_there", search(beyond)},
      {"no_jobs", search({.cv = 2, .n_jobs = 0})},
      {"shard_beyond_its_count", search({.cv = 2, .shard = Shard{3, 2}})},
      {"shard_without_a_journal", search({.cv = 2, .shard = Shard{1, 2}})},
      {"no_seed_with_a_journal", plain([] {
         test::MemoryJournal journal;
         GridSearchCV search(MLPClassifier({.max_iter = 2}), ParamGrid{{"alpha", {0.1, 1.0}}},
                             {.cv = 2, .journal = &journal});
         search.fit(samples(), labels());
       })},
      {"folds_that_change_with_a_journal", plain([] {
         test::MemoryJournal journal;
         GridSearchCV search(classifier(), ParamGrid{{"alpha", {0.1, 1.0}}},
                             {.cv = KFold(2, {.shuffle = true}), .journal = &journal});
         search.fit(samples(), labels());
       })},
      {"unknown_parameter_in_a_grid", plain([] {
         GridSearchCV(classifier(), ParamGrid{{"alhpa", {0.1}}}, {.cv = 2})
             .fit(samples(), labels());
       })},
      {"all_fits_fail", plain([] {
         GridSearchCV(classifier(), ParamGrid{{"alpha", {-1.0}}}, {.cv = 2})
             .fit(samples(), labels());
       })},
      {"first_error_ends_the_search", plain([] {
         GridSearchCV(classifier(), ParamGrid{{"alpha", {-1.0}}},
                      {.cv = 2, .error_score = std::nullopt})
             .fit(samples(), labels());
       })},
      {"one_fit_fails",
       [] {
         GridSearchCV search(classifier(), ParamGrid{{"alpha", {0.1, -1.0}}}, {.cv = 2});
         search.fit(samples(), labels());
         EXPECT_TRUE(std::isnan(search.cv_results().numbers("mean_test_score")[1]));
         return search.warnings().front();
       }},
      {"fewer_weights_in_a_search", plain([] {
         GridSearchCV(classifier(), ParamGrid{{"alpha", {0.1}}}, {.cv = 2})
             .fit(samples(), labels(), std::vector<double>{1, 2, 3});
       })},
      {"fewer_targets_in_a_search", plain([] {
         GridSearchCV(classifier(), ParamGrid{{"alpha", {0.1}}}, {.cv = 2})
             .fit(samples(), std::vector<int>{0, 1});
       })},
      {"results_before_fit", plain([] {
         GridSearchCV(classifier(), ParamGrid{{"alpha", {0.1}}}).cv_results();
       })},
      {"best_estimator_without_refit", plain([] {
         GridSearchCV search(classifier(), ParamGrid{{"alpha", {0.1}}}, {.cv = 2, .refit = false});
         search.fit(samples(), labels()).best_estimator();
       })},
      {"best_of_two_metrics_without_refit", plain([] {
         GridSearchCV search(classifier(), ParamGrid{{"alpha", {0.1}}},
                             {.scoring = {"accuracy", "f1"}, .cv = 2, .refit = false});
         search.fit(samples(), labels()).best_params();
       })},
      {"cross_validation_with_fewer_targets", plain([] {
         cross_validate(classifier(), samples(), std::vector<int>{0, 1}, {.cv = 2});
       })},
      {"unknown_data_set", plain([] { load_dataset("irsi"); })},
      {"negative_noise", plain([] { make_moons({.noise = -0.1}); })},
      {"circle_as_large_as_the_other", plain([] { make_circles({.factor = 1}); })},
      {"deviations_of_some_centers", plain([] {
         make_blobs({.cluster_std = {1, 2}});
       })},
      {"more_than_all_of_the_tail", plain([] { make_regression({.tail_strength = 1.5}); })},
      {"more_clusters_than_corners", plain([] { make_classification({.n_classes = 3}); })},
      {"idx_that_ends_early", plain([] {
         parse_idx(std::string_view("\0\0\x08\x01\0\0\0\x03"
                                    "ab",
                                    10),
                   "labels");
       })},
      {"archive_of_arrays", plain([] { parse_npy("PK\x03\x04", "x.npz"); })},
  };
}

TEST(WrongInputs, OfGridsAreAnsweredAsTheTableSays) {
  test::expect_table_holds("Grids", grid_cases());
}

TEST(WrongInputs, OfSplitsAreAnsweredAsTheTableSays) {
  test::expect_table_holds("Splits", split_cases());
}

TEST(WrongInputs, OfScoresAreAnsweredAsTheTableSays) {
  test::expect_table_holds("Scores", score_cases());
}

TEST(WrongInputs, OfSearchesAreAnsweredAsTheTableSays) {
  test::expect_table_holds("Searches and data sets", search_cases());
}

}  // namespace
}  // namespace skarma
