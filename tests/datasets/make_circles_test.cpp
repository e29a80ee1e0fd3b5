#include <skarma/datasets/make_circles.hpp>

#include <skarma/tests/datasets/generator_cases.hpp>
#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

TEST(MakeCircles, IsScikitLearns) {
  test::for_each_case("make_circles", [](const test::Json& one) {
    const test::CaseOptions given(one);
    CirclesOptions options{.random_state = one.at("random_state").get<std::uint32_t>()};
    if (given.has("n_samples") && given["n_samples"].is_array()) {
      options.n_samples_of_circles = given["n_samples"].get<std::pair<std::size_t, std::size_t>>();
    } else {
      given.read("n_samples", options.n_samples);
    }
    given.read("shuffle", options.shuffle);
    given.read("noise", options.noise);
    given.read("factor", options.factor);
    const Dataset data = make_circles(options);
    test::expect_near(data.x, test::numbers(one.at("x")));
    EXPECT_EQ(std::get<std::vector<int>>(data.y), test::ints(one.at("y")));
  });
}

TEST(MakeCircles, Mistakes) {
  EXPECT_THROW_WITH(make_circles({.noise = -1}), std::invalid_argument,
                    "make_circles: noise must be 0 or more, got -1.");
  EXPECT_THROW_WITH(make_circles({.factor = 1}), std::invalid_argument,
                    "factor must be in [0, 1), got 1");
}

}  // namespace
}  // namespace skarma
