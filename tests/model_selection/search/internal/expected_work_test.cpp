#include <skarma/model_selection/search/internal/expected_work.hpp>

#include <gtest/gtest.h>

#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/estimators/mlp/mlp_regressor.hpp>
#include <skarma/estimators/pipeline.hpp>
#include <skarma/estimators/preprocessing/standard_scaler.hpp>

namespace skarma {
namespace {

TEST(ExpectedWork, IsThatOfAllPassesThroughTheNetwork) {
  const MLPClassifier one({.hidden_layer_sizes = {4}, .max_iter = 10});
  EXPECT_EQ(expected_work(one, 3), 10 * (3 * 4 + 4));
  const MLPRegressor two({.hidden_layer_sizes = {4, 2}, .max_iter = 5});
  EXPECT_EQ(expected_work(two, 3), 5 * (3 * 4 + 4 * 2 + 2));
  EXPECT_EQ(expected_work(MLPRegressor({.hidden_layer_sizes = {}, .max_iter = 7}), 3), 7 * 3);
}

TEST(ExpectedWork, OfAPipelineIsThatOfItsEstimator) {
  const MLPClassifier model({.hidden_layer_sizes = {4}, .max_iter = 10});
  EXPECT_EQ(expected_work(make_pipeline(StandardScaler(), model), 3), expected_work(model, 3));
}

/// Parameters of names that nearly mean a network.
class Other final : public Estimator {
 public:
  explicit Other(ParamSet parameters) : parameters_(std::move(parameters)) {}

  std::unique_ptr<Estimator> clone() const override { return std::make_unique<Other>(*this); }
  std::string_view name() const override { return "Other"; }
  bool is_classifier() const override { return false; }
  Other& set(std::string_view, const ParamValue&) override { return *this; }
  ParamSet parameters() const override { return parameters_; }
  void validate() const override {}
  Other& fit(const SampleView&, const Target&, const FitOptions&) override { return *this; }
  Target predict(const SampleView&) const override { return std::vector<double>{}; }
  double score(const SampleView&, const Target&, std::span<const double>) const override {
    return 0.0;
  }
  void write(ModelArchive&) const override {}
  void read(ModelArchive&) override {}

 private:
  ParamSet parameters_;
};

TEST(ExpectedWork, IsOneWhereNothingIsKnown) {
  const std::vector<std::int64_t> sizes{4};
  EXPECT_EQ(expected_work(Other({}), 3), 1.0);
  EXPECT_EQ(expected_work(Other({{"max_iter", 10}}), 3), 1.0);
  EXPECT_EQ(expected_work(Other({{"hidden_layer_sizes", sizes}}), 3), 1.0);
  EXPECT_EQ(expected_work(Other({{"hidden_layer_sizes", "4"}, {"max_iter", 10}}), 3), 1.0);
  EXPECT_EQ(expected_work(Other({{"hidden_layer_sizes", sizes}, {"outer_max_iter", 10}}), 3), 1.0);
}

}  // namespace
}  // namespace skarma
