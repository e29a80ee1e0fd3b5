#include <skarma/model_selection/search/internal/candidate_fitter.hpp>

#include <gtest/gtest.h>

#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/model_selection/splitters.hpp>
#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/random_numbers.hpp>

namespace skarma {
namespace {

/// Candidate c is alpha = c, the one of number 9 is no valid one; counts how often one is made.
class CountingSource final : public TrialSource {
 public:
  std::size_t ask(std::span<Trial>) override { return 0; }
  void tell(const Trial&, const FitResult&) override {}
  std::size_t most_left() const override { return 0; }
  ParamSet params(std::size_t candidate) const override {
    ++n_made;
    return {{"alpha", candidate == 9 ? -1.0 : static_cast<double>(candidate)}};
  }
  mutable int n_made = 0;
};

struct CandidateFitterTest : testing::Test {
  const MLPClassifier prototype{{.hidden_layer_sizes = {2}, .max_iter = 3, .random_state = 1}};
  const Matrix<double> x = test::random_matrix(20, 2, 1);
  const Target y = std::vector<int>{0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1};
  const Folds folds{x, y, {}, KFold(2).splits(20, y)};
  const Scoring scoring;
  const FitAndScoreOptions options{
      .scoring = &scoring, .return_train_score = false, .error_score = -1.0, .stop = {}};
  const CountingSource source;
  SearchDevices devices{folds, options, 1, 1};
  CandidateFitter fitter{prototype, source, folds, options, devices};

  /// What a trial comes to, as a copy.
  struct Taken {
    std::size_t candidate, fold;
    FitResult result;
    std::unique_ptr<Estimator> estimator;
  };
  Taken fit(const Trial& trial) {
    Taken taken;
    fitter.fit({&trial, 1}, [&](const Trial& of, const FitReport& report) {
      EXPECT_EQ(of, trial);
      taken = {report.candidate, report.fold, report.result, std::move(report.estimator)};
    });
    return taken;
  }
};

TEST_F(CandidateFitterTest, FitsAsByHand) {
  const auto report = fit({.candidate = 3, .fold = 1});
  EXPECT_EQ(report.candidate, 3u);
  EXPECT_EQ(report.fold, 1u);
  EXPECT_TRUE(report.result.done);
  MLPClassifier by_hand = prototype;
  by_hand.set("alpha", 3.0);
  const Fold fold = folds[1];
  by_hand.fit(fold.train_x, fold.train_y);
  EXPECT_EQ(report.result.test_scores.at(0), by_hand.score(fold.test_x, fold.test_y));
  EXPECT_EQ(dynamic_cast<const MLPClassifier&>(*report.estimator).loss(), by_hand.loss());
}

TEST_F(CandidateFitterTest, MakesACandidateOnceForItsFolds) {
  for (const std::size_t candidate : {0u, 0u, 1u, 1u, 0u}) fit({.candidate = candidate});
  EXPECT_EQ(source.n_made, 3);
}

TEST_F(CandidateFitterTest, AFailedFitLeavesNothingToTheNext) {
  const auto failed = fit({.candidate = 9});
  EXPECT_TRUE(test::contains(failed.result.fit_error, "'alpha'"));
  EXPECT_NE(failed.result.fit_exception, nullptr);
  EXPECT_EQ(failed.result.test_scores, std::vector<double>{-1.0});
  const auto next = fit({.candidate = 1});
  EXPECT_EQ(next.result.fit_error, "");
  EXPECT_EQ(next.result.fit_exception, nullptr);
  EXPECT_GE(next.result.test_scores.at(0), 0.0);
}

TEST_F(CandidateFitterTest, TakesFoldsWhole) {
  EXPECT_THROW(fit({.resource = 0.5}), std::logic_error);
}

}  // namespace
}  // namespace skarma
