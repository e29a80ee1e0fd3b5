#include <skarma/estimators/mlp/internal/summary_of.hpp>

#include <array>

#include <gtest/gtest.h>

namespace skarma {
namespace {

TEST(Summary, CountsWhatIsThereAndWhatIsTrained) {
  NetworkSpec spec({3, 4, 2}, *find_activation("tanh"), *find_loss("squared_error"));
  NetworkSummary summary = summary_of(spec);
  ASSERT_EQ(summary.layers.size(), 5U);
  EXPECT_EQ(summary.layers[1].name, "dense_1");
  EXPECT_EQ(summary.layers[1].n_parameters, 16U);
  EXPECT_EQ(summary.layers[2].name, "tanh_1");
  EXPECT_EQ(summary.layers.back().name, "identity");
  EXPECT_EQ(summary.n_parameters, 26U);
  EXPECT_EQ(summary.n_trained, 26U);
  spec.freeze(std::array{0});
  EXPECT_EQ(summary_of(spec).n_trained, 10U);
}

}  // namespace
}  // namespace skarma
