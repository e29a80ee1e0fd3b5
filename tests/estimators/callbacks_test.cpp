#include <skarma/estimators/callbacks.hpp>

#include <algorithm>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/estimators/io/model_file.hpp>
#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/estimators/mlp/mlp_regressor.hpp>
#include <skarma/tests/support/classifiers.hpp>
#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/temporary_folder.hpp>

namespace skarma {
namespace {

using test::iris;

MLPClassifierParams small(int max_iter, double rate = 0.02) {
  return {.hidden_layer_sizes = {5},
          .learning_rate_init = rate,
          .max_iter = max_iter,
          .random_state = 1};
}

FitOptions watched_by(std::shared_ptr<FitCallback> callback) {
  return {.control = {.callbacks = {std::move(callback)}},
          .validation = ValidationData{SampleView(iris().x), Target(iris().y)}};
}

std::vector<std::string> lines_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

TEST(Callbacks, ACsvLogIsTheHistory) {
  const test::TemporaryFolder folder;
  const auto path = folder.path("log.csv");
  MLPClassifier model(small(4));
  model.set("learning_rate", std::string("exponential(factor=0.5)"));
  model.fit(iris().x, iris().y, watched_by(std::make_shared<CsvLog>(path)));
  const auto lines = lines_of(path);
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_EQ(lines[0], "epoch,loss,validation_score,validation_loss,learning_rate,seconds");
  const HistoryTable history = model.history();
  for (std::size_t i = 0; i < 4; ++i) {
    std::istringstream line(lines[i + 1]);
    std::vector<double> figures;
    for (std::string cell; std::getline(line, cell, ',');) figures.push_back(std::stod(cell));
    EXPECT_EQ(figures[0], static_cast<double>(i + 1));
    EXPECT_EQ(figures[1], history.loss[i]);
    EXPECT_EQ(figures[2], history.validation_score[i]);
    EXPECT_EQ(figures[3], history.validation_loss[i]);
    EXPECT_EQ(figures[4], history.learning_rate[i]);
  }
  model.fit(iris().x, iris().y, watched_by(std::make_shared<CsvLog>(path, true)));
  EXPECT_EQ(lines_of(path).size(), 9U);
  EXPECT_THROW_WITH(model.fit(iris().x, iris().y,
                              watched_by(std::make_shared<CsvLog>(folder.path("no/log.csv")))),
                    std::runtime_error, "cannot be opened for writing");
}

TEST(Callbacks, TheBestModelIsInItsFileAndStays) {
  const test::TemporaryFolder folder;
  for (const Monitored what :
       {Monitored::best_known, Monitored::loss, Monitored::validation_loss}) {
    const auto path = folder.path("best.skarma");
    const auto keep = std::make_shared<ModelCheckpoint>(path, what, true);
    MLPClassifier model(small(30, 0.5));
    model.fit(iris().x, iris().y, watched_by(keep));
    const HistoryTable history = model.history();
    const auto best =
        what == Monitored::best_known
            ? std::ranges::max_element(history.validation_score) - history.validation_score.begin()
        : what == Monitored::loss
            ? std::ranges::min_element(history.loss) - history.loss.begin()
            : std::ranges::min_element(history.validation_loss) - history.validation_loss.begin();
    EXPECT_EQ(keep->best_epoch(), best + 1);
    MLPClassifier until_best(small(static_cast<int>(best) + 1, 0.5));
    until_best.fit(iris().x, iris().y);
    EXPECT_EQ(model.coefs(), until_best.coefs());
    const auto loaded = load_model(path);
    EXPECT_EQ(dynamic_cast<const MLPClassifier&>(*loaded).coefs(), until_best.coefs());
    EXPECT_EQ(loaded->score(iris().x, iris().y), until_best.score(iris().x, iris().y));
  }
}

TEST(Callbacks, AModelFileOfARegressorAndOfLbfgs) {
  const std::vector<int> labels = iris().y.as_ints();
  const std::vector<double> y(labels.begin(), labels.end());
  struct Bytes : FitCallback {
    std::string last{};
    void on_epoch(FitProgress& fit) override { last = fit.model_bytes(); }
  };
  for (const char* solver : {"adam", "lbfgs"}) {
    const auto bytes = std::make_shared<Bytes>();
    MLPRegressor model(
        {.hidden_layer_sizes = {3}, .solver = solver, .max_iter = 5, .random_state = 0});
    model.fit(iris().x, y, {.control = {.callbacks = {bytes}}});
    const auto copy = model_from_bytes(bytes->last);
    EXPECT_EQ(copy->predict(iris().x).as_doubles(), model.predict(iris().x).as_doubles());
  }
}

TEST(Callbacks, APlateauLowersTheRateAsTheScheduleDoes) {
  MLPClassifierParams params = small(40, 0.5);
  params.solver = "sgd";
  params.tol = 0.05;
  params.n_iter_no_change = 99;
  MLPClassifier by_callback(params);
  params.learning_rate = "plateau(patience=2, factor=0.5)";
  MLPClassifier by_schedule(params);
  by_callback.fit(iris().x, iris().y,
                  watched_by(std::make_shared<ReduceLROnPlateau>(Monitored::loss, 0.5, 2, 0.05)));
  by_schedule.fit(iris().x, iris().y);
  EXPECT_EQ(by_callback.history().learning_rate, by_schedule.history().learning_rate);
  EXPECT_LT(by_callback.history().learning_rate.back(), 0.5);
}

TEST(Callbacks, ARateThatIsTooLargeIsLowered) {
  const std::vector<int> labels = iris().y.as_ints();
  std::vector<double> y(labels.begin(), labels.end());
  for (double& v : y) v *= 100.0;
  MLPRegressor model({.hidden_layer_sizes = {5},
                      .activation = "identity",
                      .solver = "sgd",
                      .learning_rate_init = 0.5,
                      .max_iter = 100,
                      .random_state = 0,
                      .momentum = 0.0,
                      .n_iter_no_change = 200});
  EXPECT_THROW(model.fit(iris().x, y), DivergenceError);
  const auto restore = std::make_shared<RestoreOnDivergence>(0.25, 10.0, 20);
  model.fit(iris().x, y, {.control = {.callbacks = {restore}}});
  EXPECT_GT(restore->n_restores(), 0);
  EXPECT_GT(model.score(iris().x, y), 0.0);
}

TEST(Callbacks, WhatIsLookedAtMustBeThere) {
  const auto reduce = std::make_shared<ReduceLROnPlateau>(Monitored::validation_loss);
  EXPECT_THROW_WITH(
      MLPClassifier(small(3)).fit(iris().x, iris().y, {.control = {.callbacks = {reduce}}}),
      std::invalid_argument, "A callback looks at the validation loss");
}

}  // namespace
}  // namespace skarma
