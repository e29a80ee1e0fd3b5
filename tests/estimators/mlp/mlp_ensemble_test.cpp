// Ensembles of networks: n_members.
#include <cmath>
#include <stdexcept>

#include <gtest/gtest.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/estimators/io/model_file.hpp>
#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/estimators/mlp/mlp_regressor.hpp>
#include <skarma/tests/support/classifiers.hpp>
#include <skarma/tests/support/group_device.hpp>
#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

using test::iris;

MLPClassifierParams params(std::string device = "cpu") {
  return {.hidden_layer_sizes = {4},
          .max_iter = 6,
          .random_state = 0,
          .device = std::move(device),
          .n_members = 5};
}

MLPClassifier fitted() {
  MLPClassifier model(params());
  model.fit(iris().x, iris().y);
  return model;
}

TEST(MLPEnsemble, AveragesProbabilitiesOfItsMembers) {
  const MLPClassifier model = fitted();
  ASSERT_EQ(model.n_members(), 5U);
  const Matrix<double> mean = model.predict_proba(iris().x);
  Matrix<double> sum(mean.rows(), mean.cols());
  for (std::size_t i = 0; i < 5; ++i) {
    const MLPClassifier member = model.member(i);
    EXPECT_EQ(member.n_members(), 1U);
    MLPClassifier alone(member.params());
    alone.fit(iris().x, iris().y);
    EXPECT_EQ(member.packed_parameters(), alone.packed_parameters());
    const Matrix<double> proba = alone.predict_proba(iris().x);
    for (std::size_t k = 0; k < sum.values().size(); ++k) sum.data()[k] += proba.data()[k];
  }
  for (std::size_t k = 0; k < sum.values().size(); ++k) {
    EXPECT_NEAR(mean.data()[k], sum.data()[k] / 5, 1e-15);
  }
  EXPECT_THROW(model.member(5), std::out_of_range);
  const Matrix<double> logits = model.logits(iris().x);
  for (std::size_t k = 0; k < sum.values().size(); ++k) {
    EXPECT_NEAR(std::exp(logits.data()[k]), mean.data()[k], 1e-14);
  }
}

/// A device says how many it is glad of; where there is no room for so many, there are fewer.
TEST(MLPEnsemble, IsTrainedAsAGroupWhereTheDeviceIsGladOfOne) {
  const auto expected = fitted().predict_proba(iris().x).values();
  const auto opened_by = [&](std::size_t most_models, std::size_t memory) {
    test::GroupDevice device{.most_models = most_models, .memory = memory};
    SharedEngine shared(nullptr, test::in_place_of_reference(device));
    MLPClassifier model(params("reference"));
    model.fit(iris().x, iris().y, {.control = {.engine = &shared}});
    model.set("device", std::string("cpu"));
    EXPECT_EQ(model.predict_proba(iris().x).values(), expected);
    return device.opened;
  };
  using Groups = std::vector<std::size_t>;
  EXPECT_EQ(opened_by(7, 100), (Groups{5}));
  EXPECT_EQ(opened_by(2, 100), (Groups{2, 2, 1}));
  EXPECT_EQ(opened_by(1, 100), (Groups{1, 1, 1, 1, 1}));
  EXPECT_EQ(opened_by(7, 2), (Groups{5, 2, 2, 1}));
  EXPECT_THROW(opened_by(7, 0), OutOfMemory);
}

TEST(MLPEnsemble, EndsWithTheMembersThatHaveBegun) {
  struct Stop : FitCallback {
    std::stop_source source;
    int n_begun = 0;
    void on_begin(FitProgress&) override {
      if (++n_begun == 2) source.request_stop();
    }
  };
  const auto stop = std::make_shared<Stop>();
  MLPClassifier model(params());
  model.fit(iris().x, iris().y,
            {.control = {.stop = stop->source.get_token(), .callbacks = {stop}}});
  EXPECT_EQ(stop->n_begun, 2);
  EXPECT_EQ(model.n_members(), 2U);
  EXPECT_EQ(model.member(0).stop_reason(), StopReason::max_iter);
  EXPECT_EQ(model.member(1).stop_reason(), StopReason::interrupted);
}

TEST(MLPEnsemble, IsKeptInFilesAndCopies) {
  const MLPClassifier model = fitted();
  const std::string bytes = model_to_bytes(model);
  const auto loaded = model_from_bytes(bytes);
  EXPECT_EQ(model_to_bytes(*loaded), bytes);
  const auto& same = dynamic_cast<const MLPClassifier&>(*loaded);
  EXPECT_EQ(same.n_members(), 5U);
  EXPECT_EQ(same.predict_proba(iris().x).values(), model.predict_proba(iris().x).values());
  EXPECT_EQ(same.member(3).params().random_state.seed(),
            model.member(3).params().random_state.seed());
  MLPClassifier copy(model);
  EXPECT_EQ(copy.predict_proba(iris().x).values(), model.predict_proba(iris().x).values());
  copy.set("n_members", std::int64_t{1}).fit(iris().x, iris().y);
  EXPECT_EQ(copy.n_members(), 1U);
  EXPECT_EQ(model.n_members(), 5U);
}

TEST(MLPEnsemble, SummarisesAllMembers) {
  const NetworkSummary summary = fitted().summary();
  EXPECT_EQ(summary.n_members, 5U);
  EXPECT_EQ(summary.n_parameters, 35U);
  EXPECT_NE(summary.text().find("5 members"), std::string::npos);
  EXPECT_NE(summary.text().find("175"), std::string::npos);
  EXPECT_EQ(fitted().member(0).summary().text().find("members"), std::string::npos);
}

TEST(MLPEnsemble, DoesNotGoOnTraining) {
  MLPClassifier model = fitted();
  model.set("n_members", std::int64_t{1});
  EXPECT_THROW_WITH(model.partial_fit(iris().x, iris().y, {}), std::invalid_argument,
                    "This MLPClassifier has 5 members and cannot go on training");
  EXPECT_THROW_WITH(model.input_gradient(iris().x, iris().y), std::invalid_argument,
                    "input_gradient is of one network, and this MLPClassifier has 5");
  EXPECT_EQ(model.n_members(), 5U);
}

}  // namespace
}  // namespace skarma
