#include <skarma/datasets/make_classification.hpp>

#include <skarma/tests/datasets/generator_cases.hpp>
#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

void read_numbers(const test::CaseOptions& given, const char* name,
                  std::optional<std::vector<double>>& field) {
  if (!given.has(name)) return;
  field.reset();
  if (!given[name].is_null()) field = test::numbers(given[name]);
}

TEST(MakeClassification, IsScikitLearns) {
  test::for_each_case("make_classification", [](const test::Json& one) {
    const test::CaseOptions given(one);
    ClassificationOptions options{.random_state = one.at("random_state").get<std::uint32_t>()};
    given.read("n_samples", options.n_samples);
    given.read("n_features", options.n_features);
    given.read("n_informative", options.n_informative);
    given.read("n_redundant", options.n_redundant);
    given.read("n_repeated", options.n_repeated);
    given.read("n_classes", options.n_classes);
    given.read("n_clusters_per_class", options.n_clusters_per_class);
    given.read("weights", options.weights);
    given.read("flip_y", options.flip_y);
    given.read("class_sep", options.class_sep);
    given.read("hypercube", options.hypercube);
    given.read("shuffle", options.shuffle);
    read_numbers(given, "shift", options.shift);
    read_numbers(given, "scale", options.scale);
    const Dataset data = make_classification(options);
    test::expect_near(data.x, test::numbers(one.at("x")));
    EXPECT_EQ(std::get<std::vector<int>>(data.y), test::ints(one.at("y")));
  });
}

TEST(MakeClassification, Mistakes) {
  const auto expect_error = [](const ClassificationOptions& options, const char* message) {
    EXPECT_THROW_WITH(make_classification(options), std::invalid_argument, message);
  };
  expect_error({.n_samples = 0}, "make_classification: n_samples, n_informative");
  expect_error({.n_features = 3}, "4 features are informative, redundant or repeated, of 3");
  expect_error({.n_classes = 3},
               "3 classes of 2 clusters need more corners than the 2^2 of n_informative=2");
  expect_error({.weights = {0.1, 0.2, 0.3}}, "3 weights were given for 2 classes");
  expect_error({.weights = {1.5}}, "weights must be 0 or more, and sum to 1 at most");
  expect_error({.weights = {0.7, 0.7}}, "weights must be 0 or more, and sum to 1 at most");
  expect_error({.flip_y = 1.5}, "flip_y must be in [0, 1], got 1.5");
  expect_error({.class_sep = 0}, "class_sep must be above 0, got 0");
  expect_error({.shift = std::vector<double>{1, 2}},
               "shift must be one number, or one for each of");
  expect_error({.scale = std::vector<double>{0}}, "scale must be above 0");
}

}  // namespace
}  // namespace skarma
