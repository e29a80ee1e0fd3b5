// The last fits of a search, which the threads that are done with theirs join.
#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include <skarma/core/engine/shared_engine.hpp>
#include <skarma/core/parallel/spare_threads.hpp>
#include <skarma/core/parallel/thread_budget.hpp>
#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/model_selection/cross_validate.hpp>
#include <skarma/model_selection/grid_search.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/random_numbers.hpp>

namespace skarma {
namespace {

/// A classifier whose fit number `patient` waits, after its first epoch, until somebody has joined
/// it. The other fits wait for nothing.
class PatientClassifier final : public Estimator {
 public:
  PatientClassifier(MLPClassifier inner, int patient, std::atomic<int>& n_started)
      : inner_(std::move(inner)), patient_(patient), n_started_(n_started) {}

  std::unique_ptr<Estimator> clone() const override {
    return std::make_unique<PatientClassifier>(inner_, patient_, n_started_);
  }
  std::string_view name() const override { return inner_.name(); }
  bool is_classifier() const override { return true; }
  PatientClassifier& set(std::string_view parameter, const ParamValue& value) override {
    inner_.set(parameter, value);
    return *this;
  }
  ParamSet parameters() const override { return inner_.parameters(); }
  void validate() const override { inner_.validate(); }

  PatientClassifier& fit(const SampleView& x, const Target& y, const FitOptions& options) override {
    FitOptions watched = options;
    if (++n_started_ == patient_) {
      watched.control.observer = [&](const EpochReport&) {
        while (options.control.engine->spare()->n_guests() == 0) std::this_thread::yield();
        return true;
      };
    }
    inner_.fit(x, y, watched);
    return *this;
  }
  Target predict(const SampleView& x) const override { return inner_.predict(x); }
  double score(const SampleView& x, const Target& y,
               std::span<const double> sample_weight) const override {
    return inner_.score(x, y, sample_weight);
  }
  void write(ModelArchive& archive) const override { inner_.write(archive); }
  void read(ModelArchive& archive) override { inner_.read(archive); }

 private:
  MLPClassifier inner_;
  int patient_;
  std::atomic<int>& n_started_;
};

/// Wide enough that work inside a fit is shared, and few epochs.
struct SearchTailThreads : testing::Test {
  Matrix<double> x = test::random_matrix(700, 200, 1);
  Target y{labels()};
  ParamGrid grid{{"alpha", {1e-4, 1e-2}}, {"solver", {std::string("adam"), std::string("lbfgs")}}};
  MLPClassifier model{{.hidden_layer_sizes = {100}, .max_iter = 3, .random_state = 1}};

  std::vector<std::int64_t> labels() const {
    std::vector<std::int64_t> signs;
    for (std::size_t i = 0; i < x.rows(); ++i) signs.push_back(x(i, 0) + x(i, 1) > 0 ? 1 : 0);
    return signs;
  }
  void SetUp() override {
    if (available_cores() < 2) GTEST_SKIP() << "one core: nobody may join";
  }
};

TEST_F(SearchTailThreads, JoinTheLastFitOfAGridSearch) {
  GridSearchCV alone(model, grid, {.cv = 3});
  const auto& expected = alone.fit(x, y).cv_results();
  for (const int n_jobs : {2, 4}) {
    std::atomic<int> n_started{0};
    GridSearchCV search(PatientClassifier(model, 12, n_started), grid,
                        {.cv = 3, .refit = false, .n_jobs = n_jobs});
    const auto& results = search.fit(x, y).cv_results();
    EXPECT_EQ(n_started, 12);
    for (const char* column : {"split0_test_score", "split1_test_score", "split2_test_score"}) {
      EXPECT_TRUE(test::same_bits(results.numbers(column), expected.numbers(column))) << column;
    }
  }
}

TEST_F(SearchTailThreads, JoinWhereThereAreFewerFitsThanThreads) {
  const auto expected = cross_validate(model, x, y, {.cv = 3, .return_estimator = true});
  std::atomic<int> n_started{0};
  const auto result =
      cross_validate(PatientClassifier(model, 3, n_started), x, y, {.cv = 3, .n_jobs = 8});
  EXPECT_EQ(n_started, 3);
  EXPECT_TRUE(test::same_bits(result.scores[0].test, expected.scores[0].test));
  const auto joined = cross_validate(model, x, y, {.cv = 3, .return_estimator = true, .n_jobs = 8});
  for (std::size_t f = 0; f < 3; ++f) {
    const auto weights = [f](const CrossValidateResult& r) {
      return dynamic_cast<const MLPClassifier&>(*r.estimators[f]).packed_parameters();
    };
    EXPECT_TRUE(test::same_bits(weights(joined), weights(expected)));
  }
}

}  // namespace
}  // namespace skarma
