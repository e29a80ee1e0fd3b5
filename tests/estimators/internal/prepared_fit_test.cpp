// Fits that are trained as a group on one engine.
#include <skarma/estimators/internal/prepared_fit.hpp>

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include <skarma/core/engine/registry.hpp>
#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/estimators/mlp/mlp_regressor.hpp>
#include <skarma/estimators/pipeline.hpp>
#include <skarma/estimators/preprocessing/standard_scaler.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/forwarding_engine.hpp>
#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/random_numbers.hpp>

namespace skarma {
namespace {

/// The processor's engine, with a record of what it holds and of how many jobs come at once.
class WatchedEngine final : public test::ForwardingEngine {
 public:
  std::set<DataId> data;
  std::set<ModelId> models;
  std::set<const double*> matrices;  // of which there are views
  std::size_t n_held = 0, most_trained = 0, most_gradients = 0, most_evaluated = 0;

  WatchedEngine() : ForwardingEngine(make_engine("cpu")) {}

  DataId hold(const SampleView& samples) override {
    ++n_held;
    if (const auto* matrix = samples.dense<double>()) matrices.insert(matrix->data());
    return *data.insert(ForwardingEngine::hold(samples)).first;
  }
  void release(DataId id) noexcept override {
    data.erase(id);
    ForwardingEngine::release(id);
  }
  std::vector<ModelId> open(std::vector<OpenModel> group) override {
    auto ids = ForwardingEngine::open(std::move(group));
    models.insert(ids.begin(), ids.end());
    return ids;
  }
  void close(std::span<const ModelId> ids, std::span<AnyModelState> states) noexcept override {
    for (const ModelId id : ids) models.erase(id);
    ForwardingEngine::close(ids, states);
  }
  void train(std::span<const EpochRange> group, std::span<EpochLoss> losses) override {
    most_trained = std::max(most_trained, group.size());
    ForwardingEngine::train(group, losses);
  }
  void evaluate(std::span<const EvaluationJob> jobs,
                std::span<std::optional<Matrix<double>>> outputs) override {
    most_evaluated = std::max(most_evaluated, jobs.size());
    ForwardingEngine::evaluate(jobs, outputs);
  }
  void gradients(std::span<const GradientJob> jobs, std::span<double> losses) override {
    most_gradients = std::max(most_gradients, jobs.size());
    ForwardingEngine::gradients(jobs, losses);
  }
};

struct GroupExample {
  Matrix<double> x = test::random_matrix(120, 5, 1);
  Target y = labels();

  Target labels() const {
    std::vector<int> codes;
    for (std::size_t i = 0; i < x.rows(); ++i) codes.push_back(x(i, 0) > x(i, 1) ? 1 : 0);
    return codes;
  }
};

MLPClassifierParams params(const char* solver, int units) {
  return {.hidden_layer_sizes = {units}, .solver = solver, .max_iter = 9, .random_state = units};
}

/// Of both solver families and types, with and without early stopping, and behind a scaler.
std::vector<std::unique_ptr<Estimator>> different_estimators() {
  std::vector<std::unique_ptr<Estimator>> all;
  all.push_back(std::make_unique<MLPClassifier>(params("adam", 7)));
  all.push_back(std::make_unique<MLPClassifier>(params("lbfgs", 4)));
  auto stopping = params("sgd", 3), other = params("adam", 6), narrow = params("adam", 5);
  stopping.early_stopping = other.early_stopping = true;
  narrow.dtype = "float32";
  for (const auto& p : {stopping, other, narrow}) all.push_back(std::make_unique<MLPClassifier>(p));
  all.push_back(std::make_unique<Pipeline>(
      make_pipeline(StandardScaler(), MLPClassifier(params("lbfgs", 6)))));
  return all;
}

const MLPBase& network_of(const Estimator& estimator) {
  const auto* pipeline = dynamic_cast<const Pipeline*>(&estimator);
  return dynamic_cast<const MLPBase&>(pipeline != nullptr ? pipeline->estimator() : estimator);
}

void expect_same(const Estimator& grouped, const Estimator& alone) {
  const MLPBase &a = network_of(grouped), &b = network_of(alone);
  EXPECT_TRUE(test::same_bits(a.packed_parameters(), b.packed_parameters()));
  EXPECT_TRUE(test::same_bits(a.loss_curve(), b.loss_curve()));
  EXPECT_EQ(a.validation_scores(), b.validation_scores());
  EXPECT_EQ(a.n_iter(), b.n_iter());
  EXPECT_EQ(a.n_evaluations(), b.n_evaluations());
  EXPECT_EQ(a.stop_reason(), b.stop_reason());
}

TEST(PreparedFit, InAGroupIsBitEqualToAFitAlone) {
  const GroupExample example;
  auto group = different_estimators();
  std::vector<std::unique_ptr<PreparedFit>> fits;
  std::vector<PreparedFit*> pointers;
  for (const auto& estimator : group) {
    fits.push_back(estimator->prepare(example.x, example.y));
    pointers.push_back(fits.back().get());
  }
  WatchedEngine engine;
  train_group(engine, pointers);
  for (const auto& fit : fits) fit->finish(*fit);

  EXPECT_EQ(engine.most_trained, 4u);
  EXPECT_EQ(engine.most_evaluated, 2u);
  EXPECT_EQ(engine.most_gradients, 2u);
  EXPECT_TRUE(engine.models.empty());
  EXPECT_TRUE(engine.data.empty());
  EXPECT_EQ(engine.matrices, std::set<const double*>{example.x.data()});  // no copies of folds
  const auto alone = different_estimators();
  for (std::size_t i = 0; i < alone.size(); ++i) {
    SCOPED_TRACE(i);
    alone[i]->fit(example.x, example.y);
    expect_same(*group[i], *alone[i]);
    EXPECT_EQ(group[i]->score(example.x, example.y), alone[i]->score(example.x, example.y));
  }
}

TEST(PreparedFit, HoldsTheSamplesOfOneFoldOnce) {
  const GroupExample example;
  const std::vector<RowIndex> rows = RandomState(1).permutation(100);
  const SampleView fold = SampleView(example.x).rows(rows);
  const Target y = example.y.rows(rows);
  MLPClassifier first(params("adam", 4)), second(params("lbfgs", 3)), third(params("sgd", 4));
  const auto a = first.prepare(fold, y), b = second.prepare(fold, y);
  const auto c = third.prepare(example.x, example.y);
  WatchedEngine engine;
  PreparedFit* const group[] = {a.get(), b.get(), c.get()};
  train_group(engine, group);
  EXPECT_EQ(engine.n_held, 2u);
  EXPECT_TRUE(engine.data.empty());
}

TEST(PreparedFit, LeavesTheEstimatorAsItIsUntilItIsFinished) {
  const GroupExample example;
  MLPClassifier estimator(params("adam", 4));
  const auto fit = estimator.prepare(example.x, example.y);
  EXPECT_FALSE(estimator.is_fitted());
  WatchedEngine engine;
  PreparedFit* const group[] = {fit.get()};
  train_group(engine, group);
  EXPECT_FALSE(estimator.is_fitted());
  fit->finish(*fit);
  EXPECT_EQ(estimator.n_iter(), 9);
}

/// An error in the middle, here of a batch without weight, leaves nothing on a shared engine.
TEST(PreparedFit, LeavesNothingOnTheEngineAfterAnError) {
  const GroupExample example;
  std::vector<double> weights(example.x.rows(), 0.0);
  weights[0] = 1.0;
  auto batches = params("adam", 4);
  batches.batch_size = 10;
  MLPClassifier estimator(batches), other(params("lbfgs", 4));
  const auto fails = estimator.prepare(example.x, example.y, {.sample_weight = weights});
  const auto fit = other.prepare(example.x, example.y);
  WatchedEngine engine;
  PreparedFit* const group[] = {fit.get(), fails.get()};
  EXPECT_THROW(train_group(engine, group), std::domain_error);
  EXPECT_TRUE(engine.models.empty());
  EXPECT_TRUE(engine.data.empty());
}

}  // namespace
}  // namespace skarma
