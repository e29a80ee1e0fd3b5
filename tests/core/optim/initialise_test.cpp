#include <skarma/core/optim/initialise.hpp>

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/networks.hpp>

namespace skarma {
namespace {

std::vector<double> initialised(const NetworkSpec& spec, std::string_view init) {
  std::vector<double> parameters(spec.n_parameters(), 7.0);
  RandomState random_state(5);
  initialise<double>(spec, random_state, parameters, parse_initialiser(init));
  return parameters;
}

TEST(Initialise, IsScikitLearnsUnlessAnotherIsAskedFor) {
  const NetworkSpec spec = test::network({3, 4, 2}, "logistic", "log_loss");
  RandomState expected(5);
  const auto w = initialised(spec, "auto");
  for (const LayerPlace& layer : spec.layers()) {
    const double bound = std::sqrt(2.0 / static_cast<double>(layer.inputs + layer.outputs));
    for (std::size_t i = 0; i < layer.inputs * layer.outputs; ++i) {
      EXPECT_EQ(w[layer.coef + i], expected.uniform(-bound, bound));
    }
    for (std::size_t j = 0; j < layer.outputs; ++j) {
      EXPECT_EQ(w[layer.intercept + j], expected.uniform(-bound, bound));
    }
  }
}

/// Those of the papers; 30 inputs, 10 outputs.
TEST(Initialise, DrawsTheVariancesOfThePapers) {
  const struct {
    const char* name;
    double variance;
    bool is_uniform;
  } cases[] = {{"glorot_uniform", 2.0 / 40, true}, {"glorot_normal", 2.0 / 40, false},
               {"he_uniform", 2.0 / 30, true},     {"he_normal", 2.0 / 30, false},
               {"lecun_uniform", 1.0 / 30, true},  {"lecun_normal", 1.0 / 30, false}};
  const NetworkSpec spec = test::network({30, 10}, "relu", "squared_error");
  for (const auto& [name, variance, is_uniform] : cases) {
    SCOPED_TRACE(name);
    RandomState expected(5);
    const auto w = initialised(spec, name);
    const double bound = std::sqrt(3 * variance), deviation = std::sqrt(variance);
    for (std::size_t i = 0; i < 300; ++i) {
      const double drawn =
          is_uniform ? expected.uniform(-bound, bound) : deviation * expected.gauss();
      EXPECT_NEAR(w[i], drawn, 1e-15);
    }
    for (std::size_t j = 300; j < 310; ++j) EXPECT_EQ(w[j], 0.0);
  }
}

/// The shorter of rows and columns are orthogonal and as long as the gain.
TEST(Initialise, MakesOrthogonalMatrices) {
  for (const auto& [rows, cols] : {std::pair{7u, 4u}, {4u, 7u}, {5u, 5u}, {1u, 3u}, {300u, 40u}}) {
    const NetworkSpec spec = test::network({rows, cols}, "relu", "squared_error");
    const auto w = initialised(spec, "orthogonal(1.5)");
    const std::size_t n = std::min(rows, cols), length = std::max(rows, cols);
    const auto at = [&](std::size_t k, std::size_t i) {  // element i of vector k
      return rows >= cols ? w[i * cols + k] : w[k * cols + i];
    };
    for (std::size_t a = 0; a < n; ++a) {
      for (std::size_t b = 0; b < n; ++b) {
        double product = 0.0;
        for (std::size_t i = 0; i < length; ++i) product += at(a, i) * at(b, i);
        EXPECT_NEAR(product, a == b ? 2.25 : 0.0, 1e-13) << rows << " x " << cols;
      }
    }
    for (std::size_t j = 0; j < cols; ++j) EXPECT_EQ(w[rows * cols + j], 0.0);
  }
}

TEST(Initialise, LeavesOtherNodesTheirFirstValues) {
  const NetworkSpec spec({2, 3, 1}, parse_activation("relu"), *find_loss("squared_error"),
                         {.batch_norm = true});
  const auto w = initialised(spec, "constant(0.25)");
  for (const Node& node : spec.nodes()) {
    for (const Slot& slot : node.slots) {
      const bool is_one = slot.name == "gamma" || slot.name == "variance";
      const double expected = slot.name == "coefs" ? 0.25 : is_one ? 1.0 : 0.0;
      for (std::size_t i = 0; i < slot.size; ++i) EXPECT_EQ(w[slot.offset + i], expected);
    }
  }
}

}  // namespace
}  // namespace skarma
