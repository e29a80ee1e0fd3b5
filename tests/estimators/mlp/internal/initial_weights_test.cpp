#include <skarma/estimators/mlp/internal/initial_weights.hpp>

#include <limits>

#include <gtest/gtest.h>

#include <skarma/estimators/io/model_file.hpp>
#include <skarma/estimators/mlp/mlp_regressor.hpp>
#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

const Matrix<double> kX(4, 1, {0, 1, 2, 3});
const std::vector<double> kY{0, 1, 4, 9};

MLPRegressorParams params() {
  return {.hidden_layer_sizes = {2}, .max_iter = 3, .random_state = 0};
}

InitialWeights given() {
  return {{Matrix<double>(1, 2, {0.1, 0.2}), Matrix<double>(2, 1, {0.3, 0.4})}, {{1, 2}, {3}}};
}

TEST(InitialWeights, AreWhereAFitStarts) {
  MLPRegressorParams still = params();
  still.solver = "gd";
  still.learning_rate_init = 1e-300;
  MLPRegressor model(still);
  model.set_initial_weights(given());
  model.fit(kX, kY);
  EXPECT_EQ(model.coefs()[0].values(), given().coefs[0].values());
  EXPECT_EQ(model.coefs()[1].values(), given().coefs[1].values());
  EXPECT_EQ(model.intercepts(), given().intercepts);
}

TEST(InitialWeights, AreKeptInFilesAndClones) {
  MLPRegressor model(params());
  model.set_initial_weights(given());
  model.fit(kX, kY);
  const std::string bytes = model_to_bytes(model);
  const auto loaded = model_from_bytes(bytes);
  EXPECT_EQ(model_to_bytes(*loaded), bytes);
  const auto expected = model.packed_parameters();
  for (const auto& twin : {model_from_bytes(bytes), model.clone()}) {
    auto& network = dynamic_cast<MLPRegressor&>(*twin);
    EXPECT_EQ(network.params().initial.coefs[1].values(), given().coefs[1].values());
    EXPECT_EQ(network.params().initial.intercepts, given().intercepts);
    EXPECT_EQ(network.fit(kX, kY).packed_parameters(), expected);
  }
}

TEST(InitialWeights, HaveTheShapesOfTheNetwork) {
  const auto fit = [](InitialWeights initial) {
    MLPRegressor model(params());
    model.set_initial_weights(std::move(initial));
    model.fit(kX, kY);
  };
  EXPECT_THROW_WITH(fit({{Matrix<double>(1, 2)}, {}}), std::invalid_argument,
                    "The 'coefs_init' parameter of MLPRegressor must have an array for each of the "
                    "2 layers of weights. Got 1 instead.");
  auto wrong = given();
  wrong.intercepts[1] = {1, 2};
  EXPECT_THROW_WITH(fit(wrong), std::invalid_argument,
                    "The 'intercepts_init' parameter of MLPRegressor must have an array of shape "
                    "(1,) for layer 1. Got one of shape (2,) instead.");
  wrong = given();
  wrong.coefs[0](0, 1) = std::numeric_limits<double>::infinity();
  EXPECT_THROW_WITH(fit(wrong), std::invalid_argument, "must be finite");
}

}  // namespace
}  // namespace skarma
