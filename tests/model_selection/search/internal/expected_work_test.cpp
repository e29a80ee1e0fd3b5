#include <skarma/model_selection/search/internal/expected_work.hpp>

#include <cstdint>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include <skarma/core/base/csr_view.hpp>

#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/estimators/mlp/mlp_regressor.hpp>
#include <skarma/estimators/pipeline.hpp>
#include <skarma/estimators/preprocessing/normalizer.hpp>
#include <skarma/estimators/preprocessing/standard_scaler.hpp>

namespace skarma {
namespace {

TEST(ExpectedWork, IsThatOfAllPassesThroughTheNetwork) {
  const MLPClassifier one({.hidden_layer_sizes = {4}, .max_iter = 10});
  EXPECT_EQ(expected_work(one, 3), 10 * (3 * 4 + 4));
  const MLPRegressor two({.hidden_layer_sizes = {4, 2}, .max_iter = 5});
  EXPECT_EQ(expected_work(two, 3), 5 * (3 * 4 + 4 * 2 + 2));
  EXPECT_EQ(expected_work(MLPRegressor({.hidden_layer_sizes = {}, .max_iter = 7}), 3), 7 * 3);
  const MLPClassifier ensemble({.hidden_layer_sizes = {4}, .max_iter = 10, .n_members = 6});
  EXPECT_EQ(expected_work(ensemble, 3), 6 * expected_work(one, 3));
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

const Matrix<double> kSamples(50, 3);
const Matrix<float> kFloatSamples(50, 3);

/// Labels 0 ... n - 1.
Target n_labels(int n) {
  std::vector<int> labels;
  for (int i = 0; i < 50; ++i) labels.push_back(i % n);
  return labels;
}

/// Those of a device's sums of squares.
TEST(ExpectedBytes, HaveRoomForTheNormOfAGradient) {
  const auto bytes = [](const MLPClassifierParams& params) {
    return expected_bytes(MLPClassifier(params), kSamples, n_labels(3));
  };
  EXPECT_EQ(bytes({.clip_norm = 1.0}) - bytes({}), (4096 + 64) * sizeof(double));
  EXPECT_EQ(bytes({.clip_value = 1.0}), bytes({}));
}

TEST(FitWork, IsWhatTheParametersSay) {
  const auto work = fit_work(MLPClassifier({.hidden_layer_sizes = {4, 2}, .batch_size = 7}),
                             kSamples, n_labels(3));
  ASSERT_TRUE(work);
  EXPECT_EQ(work->layer_units, (std::vector<std::size_t>{3, 4, 2, 3}));
  EXPECT_EQ(work->n_samples, 50u);
  EXPECT_EQ(work->batch_size, 7u);
  EXPECT_EQ(work->n_fits, 1u);
  const MLPClassifier plain({.hidden_layer_sizes = {4}});
  EXPECT_EQ(fit_work(plain, kSamples, n_labels(3))->batch_size, 200u);
  EXPECT_EQ(fit_work(make_pipeline(StandardScaler(), plain), kSamples, n_labels(3))->layer_units,
            (std::vector<std::size_t>{3, 4, 3}));
  EXPECT_EQ(fit_work(Other({}), kSamples, n_labels(3)), std::nullopt);
}

TEST(FitWork, OfLbfgsHasAllSamplesInAStep) {
  const MLPClassifier network({.solver = "lbfgs", .batch_size = 7});
  EXPECT_EQ(fit_work(network, kSamples, n_labels(2))->batch_size, 50u);
}

TEST(FitWork, HasTheOutputsThatTargetsNeed) {
  const MLPClassifier classifier({.hidden_layer_sizes = {}});
  EXPECT_EQ(fit_work(classifier, kSamples, n_labels(2))->layer_units.back(), 1u);
  EXPECT_EQ(fit_work(classifier, kSamples, n_labels(4))->layer_units.back(), 4u);
  EXPECT_EQ(
      fit_work(classifier, kSamples, Target::multilabel(Matrix<double>(50, 5)))->layer_units.back(),
      5u);
  const MLPRegressor regressor({.hidden_layer_sizes = {}});
  EXPECT_EQ(fit_work(regressor, kSamples, n_labels(4))->layer_units.back(), 1u);
  EXPECT_EQ(fit_work(regressor, kSamples, Target(Matrix<double>(50, 2)))->layer_units.back(), 2u);
}

/// A network of 3-4-1 has 21 parameters. A row has 3 inputs, 5 outputs of layers with their deltas,
/// and 4 more of the widest layer; each of 50 samples has a target and a weight.
TEST(ExpectedBytes, CountAllThatAFitHasForItself) {
  MLPClassifier network({.hidden_layer_sizes = {4}, .batch_size = 10});
  EXPECT_EQ(expected_bytes(network, kSamples, n_labels(2)),
            (6 * 21 + 17 * 10 + 2 * 50) * 8 + 50 * sizeof(RowIndex) + 40960);
  EXPECT_EQ(expected_bytes(network, kFloatSamples, n_labels(2)),
            (6 * 21 + 17 * 10 + 2 * 50) * 4 + 50 * sizeof(RowIndex) + 40960);
  EXPECT_EQ(expected_bytes(make_pipeline(StandardScaler(), network), kSamples, n_labels(2)),
            expected_bytes(network, kSamples, n_labels(2)));
  EXPECT_EQ(expected_bytes(make_pipeline(Normalizer(), network), kSamples, n_labels(2)),
            expected_bytes(network, kSamples, n_labels(2)) + 50 * 3 * 8);
  EXPECT_EQ(expected_bytes(make_pipeline(Normalizer(), network), kFloatSamples, n_labels(2)),
            expected_bytes(network, kFloatSamples, n_labels(2)) + 50 * 3 * 4);
  network.set("dtype", "float32");
  EXPECT_EQ(expected_bytes(network, kSamples, n_labels(2)),
            expected_bytes(network, kFloatSamples, n_labels(2)));
  EXPECT_EQ(expected_bytes(Other({}), kSamples, n_labels(2)), 0u);
}

TEST(SampleBytes, AreThoseOfTheMatrix) {
  EXPECT_EQ(sample_bytes(kSamples), 50u * 3 * 8);
  EXPECT_EQ(sample_bytes(kFloatSamples), 50u * 3 * 4);
  const std::vector<double> values{1, 2, 3};
  const std::vector<std::int32_t> columns{0, 1, 0};
  const std::vector<std::int64_t> row_starts{0, 2, 3};
  const CsrView<double> sparse(values, columns, row_starts, 2);
  EXPECT_EQ(sample_bytes(sparse), 3u * (8 + 4) + 2 * 8);
}

}  // namespace
}  // namespace skarma
