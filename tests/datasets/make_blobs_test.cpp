#include <skarma/datasets/make_blobs.hpp>

#include <skarma/tests/datasets/generator_cases.hpp>
#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

TEST(MakeBlobs, IsScikitLearns) {
  test::for_each_case("make_blobs", [](const test::Json& one) {
    const test::CaseOptions given(one);
    BlobsOptions options{.random_state = one.at("random_state").get<std::uint32_t>()};
    if (given["n_samples"].is_array()) {
      given.read("n_samples", options.n_samples_of_centers);
    } else {
      given.read("n_samples", options.n_samples);
    }
    if (given.has("centers") && given["centers"].is_array()) {
      options.centers = test::matrix(given["centers"]);
    } else {
      given.read("centers", options.n_centers);
    }
    if (given.has("cluster_std")) {
      options.cluster_std = test::numbers(test::Json::array({given["cluster_std"]}));
    }
    given.read("n_features", options.n_features);
    given.read("center_box", options.center_box);
    given.read("shuffle", options.shuffle);
    const BlobsDataset data = make_blobs(options);
    test::expect_near(data.x, test::numbers(one.at("x")));
    test::expect_near(data.centers, test::numbers(one.at("more")));
    EXPECT_EQ(std::get<std::vector<int>>(data.y), test::ints(one.at("y")));
  });
}

TEST(MakeBlobs, Mistakes) {
  const auto expect_error = [](const BlobsOptions& options, const char* message) {
    EXPECT_THROW_WITH(make_blobs(options), std::invalid_argument, message);
  };
  expect_error({.n_samples = 0}, "make_blobs: n_samples must be 1 or more.");
  expect_error({.n_centers = 0}, "there must be a center and a feature at least");
  expect_error({.centers = Matrix<double>(2, 0)}, "there must be a center and a feature at least");
  expect_error({.n_samples_of_centers = {1, 2}, .centers = Matrix<double>(3, 2)},
               "2 numbers of samples were given for 3 centers");
  expect_error({.cluster_std = {1, 2}}, "2 standard deviations were given for 3 centers");
  expect_error({.cluster_std = {-1}}, "cluster_std must be 0 or more");
  expect_error({.center_box = {1, -1}}, "got (1, -1)");
}

}  // namespace
}  // namespace skarma
