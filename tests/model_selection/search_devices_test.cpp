// Searches over devices that a library brings: over one that is not there they fail once, before
// any fit.
#include <atomic>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <skarma/core/base/errors.hpp>
#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/model_selection/cross_validate.hpp>
#include <skarma/model_selection/grid_search.hpp>
#include <skarma/tests/support/meeting.hpp>
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

/// The library brings two GPUs.
struct SearchesOnGpusThreads : SearchesOnDevices {
  SearchesOnGpusThreads() { network_.set("device", "cuda"); }

  /// Whoever has the first fit waits for the other one, who has the second.
  FitObserver keeping_devices() {
    return [this](const FitReport& report) {
      meeting_.come();
      const std::lock_guard lock(mutex_);
      devices_.insert(dynamic_cast<const MLPClassifier&>(*report.estimator).device_used());
    };
  }

  MLPClassifier network_ = SearchesOnDevices::network_;
  test::Meeting meeting_{2};
  std::mutex mutex_;
  std::multiset<std::string> devices_;
};

TEST_F(SearchesOnGpusThreads, GoToAllOfThem) {
  GridSearchOptions options;
  options.cv = 2;
  options.observer = keeping_devices();
  GridSearchCV search(network_, ParamGrid{{"alpha", {0.1}}}, options);
  search.fit(x_, y_);
  EXPECT_EQ(devices_, (std::multiset<std::string>{"cuda:0", "cuda:1"}));
  EXPECT_EQ(dynamic_cast<const MLPClassifier&>(search.best_estimator()).device_used(), "cuda:0");
}

TEST_F(SearchesOnGpusThreads, AlsoInACrossValidation) {
  CrossValidateOptions options;
  options.cv = 2;
  options.return_estimator = true;
  options.observer = keeping_devices();
  const auto result = cross_validate(network_, x_, y_, options);
  EXPECT_EQ(devices_, (std::multiset<std::string>{"cuda:0", "cuda:1"}));
  for (const auto& estimator : result.estimators) ASSERT_NE(estimator, nullptr);
  CrossValidateOptions on_processor;
  on_processor.cv = 2;
  EXPECT_EQ(result.scores[0].test,
            cross_validate(SearchesOnDevices::network_, x_, y_, on_processor).scores[0].test);
}

}  // namespace
}  // namespace skarma
