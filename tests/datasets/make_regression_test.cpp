#include <skarma/datasets/make_regression.hpp>

#include <skarma/tests/datasets/generator_cases.hpp>
#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

TEST(MakeRegression, IsScikitLearns) {
  test::for_each_case("make_regression", [](const test::Json& one) {
    const test::CaseOptions given(one);
    RegressionOptions options{.random_state = one.at("random_state").get<std::uint32_t>()};
    given.read("n_samples", options.n_samples);
    given.read("n_features", options.n_features);
    given.read("n_informative", options.n_informative);
    given.read("n_targets", options.n_targets);
    given.read("bias", options.bias);
    given.read("noise", options.noise);
    given.read("tail_strength", options.tail_strength);
    given.read("shuffle", options.shuffle);
    if (given.has("effective_rank")) {
      options.effective_rank = given["effective_rank"].get<std::size_t>();
    }
    const RegressionDataset data = make_regression(options);
    test::expect_near(data.x, test::numbers(one.at("x")));
    test::expect_near(data.targets, test::numbers(one.at("y")));
    test::expect_near(data.coef, test::numbers(one.at("more")));
    const auto& y = std::get<std::vector<double>>(data.y);
    ASSERT_EQ(y.size(), options.n_samples);
    EXPECT_EQ(y.back(), data.targets(options.n_samples - 1, 0));
  });
}

TEST(MakeRegression, Mistakes) {
  const auto expect_error = [](const RegressionOptions& options, const char* message) {
    EXPECT_THROW_WITH(make_regression(options), std::invalid_argument, message);
  };
  expect_error({.n_samples = 0}, "make_regression: n_samples, n_features and n_targets must be 1");
  expect_error({.n_targets = 0}, "must be 1 or more");
  expect_error({.effective_rank = 0}, "effective_rank must be 1 or more");
  expect_error({.tail_strength = 1.5}, "tail_strength must be in [0, 1], got 1.5");
  expect_error({.noise = -1}, "noise must be 0 or more, got -1");
}

}  // namespace
}  // namespace skarma
