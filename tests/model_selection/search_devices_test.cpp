// A search over a device that is not there fails once, before any fit.
#include <atomic>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/model_selection/cross_validate.hpp>
#include <skarma/model_selection/grid_search.hpp>
#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/plugins.hpp>

namespace skarma {
namespace {

constexpr const char* kText = "device='cuda:2' cannot be used here. The last GPU here is 'cuda:1'.";

class SearchesOnDevices : public ::testing::Test {
 protected:
  SearchesOnDevices() { test::bring_plugin("skarma_cpu_plugin"); }

  template <class Options>
  Options counting(int n_jobs) {
    Options options;
    options.cv = 2;
    options.n_jobs = n_jobs;
    options.before_fit = [this](Estimator&) { ++n_fits_; };
    return options;
  }

  const Matrix<double> x_{8, 1, {0, 1, 2, 3, 4, 5, 6, 7}};
  const Target y_ = std::vector<int>{0, 1, 0, 1, 0, 1, 0, 1};
  const MLPClassifier network_{{.hidden_layer_sizes = {2}, .max_iter = 2, .random_state = 0}};
  std::atomic<int> n_fits_ = 0;
};

TEST_F(SearchesOnDevices, FailBeforeAnyFitWhereOneIsNotThere) {
  for (const int n_jobs : {1, 2}) {
    const ParamGrid grid{{"device", {std::string("cpu"), std::string("cuda:2")}}};
    GridSearchCV search(network_, grid, counting<GridSearchOptions>(n_jobs));
    EXPECT_THROW_WITH(search.fit(x_, y_), DeviceError, kText);
  }
  MLPClassifier network = network_;
  network.set("device", "cuda:2");
  EXPECT_THROW_WITH(cross_validate(network, x_, y_, counting<CrossValidateOptions>(1)), DeviceError,
                    kText);
  EXPECT_EQ(n_fits_, 0);
}

TEST_F(SearchesOnDevices, GoByWhatCandidatesSay) {
  MLPClassifier network = network_;
  network.set("device", "cuda:2");
  const ParamGrid grid{{"device", {std::string("cpu"), std::string("cuda:1")}}};
  GridSearchCV search(network, grid, counting<GridSearchOptions>(1));
  search.fit(x_, y_);
  EXPECT_EQ(n_fits_, 4);
  const auto& scores = search.cv_results().numbers("mean_test_score");
  EXPECT_EQ(scores[0], scores[1]);
}

}  // namespace
}  // namespace skarma
