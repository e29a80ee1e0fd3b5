#include <skarma/model_selection/internal/fit_and_score.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <typeinfo>

#include <gtest/gtest.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/model_selection/grid_search.hpp>
#include <skarma/model_selection/splitters.hpp>
#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

/// The estimator of a search in which some fits find no memory, or a score is asked to stop.
class Troubled final : public Estimator {
 public:
  std::function<void(const Troubled&)> on_fit{}, on_predict{};
  double value = 0.0;
  std::stop_token stop{};

  std::unique_ptr<Estimator> clone() const override { return std::make_unique<Troubled>(*this); }
  std::string_view name() const override { return "Troubled"; }
  bool is_classifier() const override { return false; }
  Troubled& set(std::string_view, const ParamValue& v) override {
    value = std::get<double>(v);
    return *this;
  }
  ParamSet parameters() const override { return {{"value", value}}; }
  void validate() const override {}
  void control_predictions(PredictionControl control) override { stop = control.stop; }
  Troubled& fit(const SampleView&, const Target&, const FitOptions&) override {
    if (on_fit) on_fit(*this);
    return *this;
  }
  Target predict(const SampleView& x) const override {
    if (on_predict) on_predict(*this);
    if (stop.stop_requested()) throw Cancelled("stopped");
    return Target::numbers(Matrix<double>(x.n_samples(), 1));
  }
  double score(const SampleView& x, const Target&, std::span<const double>) const override {
    predict(x);
    return value;
  }
  void write(ModelArchive&) const override {}
  void read(ModelArchive&) override {}
};

/// What a failed fit is said to have failed with.
std::string text_of_failed_fit(std::function<void(const Troubled&)> on_fit) {
  Troubled estimator;
  estimator.value = 1.0;
  estimator.on_fit = std::move(on_fit);
  const Matrix<double> x(4, 1);
  const Target y(std::vector<double>(4, 0.5));
  const Scoring scoring;
  const FitAndScoreOptions options{
      .scoring = &scoring, .return_train_score = false, .error_score = -1.0, .stop = {}};
  FitResult result = blank_result(options);
  std::unique_ptr<Estimator> fitted;
  fit_and_score([&] { return estimator.clone(); }, Folds(x, y, {}, KFold(2).splits(4, y)), 0,
                options, result, fitted);
  return result.fit_error;
}

/// Of the errors that are called std::bad_..., some have to do with memory.
TEST(FitAndScore, OnlyWantOfMemoryIsCalledSo) {
  EXPECT_EQ(text_of_failed_fit([](const Troubled&) { throw std::bad_alloc(); }), "out of memory");
  EXPECT_EQ(text_of_failed_fit([](const Troubled&) { throw std::bad_array_new_length(); }),
            "out of memory");
  EXPECT_EQ(text_of_failed_fit([](const Troubled&) { throw std::bad_cast(); }),
            std::bad_cast().what());
  EXPECT_EQ(text_of_failed_fit([](const Troubled&) { throw std::bad_exception(); }),
            std::bad_exception().what());
}

TEST(FitAndScore, AFitWithoutMemoryIsAFailedFit) {
  Troubled estimator;
  estimator.on_fit = [](const Troubled& self) {
    if (self.value == 2.0) throw std::bad_alloc();
  };
  const Matrix<double> x(8, 1);
  for (const int n_jobs : {1, 2}) {
    GridSearchOptions options{.cv = 2, .refit = false, .n_jobs = n_jobs, .error_score = -1.0};
    GridSearchCV search(estimator, ParamGrid{{"value", {1.0, 2.0, 3.0}}}, options);
    search.fit(x, Target(std::vector<double>(8, 0.5)));
    EXPECT_EQ(search.cv_results().numbers("mean_test_score"), (std::vector<double>{1, -1, 3}));
    ASSERT_EQ(search.warnings().size(), 1u);
    EXPECT_TRUE(test::contains(search.warnings()[0],
                               "2 fits failed with the following error:\nout "
                               "of memory"))
        << search.warnings()[0];
  }
}

/// What was complete before stays; the cell in which the stop was heard does not count.
TEST(FitAndScore, AStopRequestIsHeardInAScore) {
  std::stop_source stop;
  Troubled estimator;
  estimator.on_predict = [&](const Troubled& self) {
    if (self.value == 2.0) stop.request_stop();
  };
  const Matrix<double> x(8, 1);
  GridSearchOptions options{.cv = 2, .return_train_score = true, .stop = stop.get_token()};
  GridSearchCV search(estimator, ParamGrid{{"value", {1.0, 2.0, 3.0}}}, options);
  search.fit(x, Target(std::vector<double>(8, 0.5)));
  EXPECT_TRUE(search.interrupted());
  EXPECT_EQ(search.cv_results().numbers("mean_test_score"), std::vector<double>{1.0});
}

}  // namespace
}  // namespace skarma
