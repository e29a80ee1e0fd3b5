// Searches whose fits go to the CUDA engine in groups.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/gpu/engine/device_engine.hpp>
#include <skarma/model_selection/search/internal/run_search.hpp>
#include <skarma/model_selection/search/internal/search_sink.hpp>
#include <skarma/model_selection/splitters.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/forwarding_engine.hpp>
#include <skarma/tests/support/random_numbers.hpp>

namespace skarma {
namespace {

/// Sizes of the groups that an engine was asked to open.
using Groups = std::vector<std::size_t>;

class WatchedEngine final : public test::ForwardingEngine {
 public:
  WatchedEngine(std::unique_ptr<Engine> engine, std::size_t most_models, bool tells_memory,
                Groups& groups)
      : ForwardingEngine(std::move(engine)),
        most_models_(most_models),
        tells_memory_(tells_memory),
        groups_(groups) {}

  Capabilities capabilities() const override {
    const std::uint64_t free = ForwardingEngine::capabilities().free_memory;
    return {.most_models = most_models_, .free_memory = tells_memory_ ? free : 0};
  }
  std::vector<ModelId> open(std::vector<OpenModel> models) override {
    groups_.push_back(models.size());
    return ForwardingEngine::open(std::move(models));
  }

 private:
  std::size_t most_models_;
  bool tells_memory_;
  Groups& groups_;
};

std::vector<int> labels_of(const Matrix<double>& x) {
  std::vector<int> labels;
  for (std::size_t i = 0; i < x.rows(); ++i) labels.push_back(x(i, 0) > x(i, 1) ? 1 : 0);
  return labels;
}

/// Networks of two shapes and several rates, of which some stop early.
std::vector<ParamSet> candidates() {
  std::vector<ParamSet> all;
  for (const std::int64_t units : {3, 5}) {
    for (const char* solver : {"adam", "lbfgs"}) {
      for (const double rate : {1e-3, 0.1}) {
        all.push_back({{"hidden_layer_sizes", std::vector<std::int64_t>{units}},
                       {"solver", std::string(solver)},
                       {"learning_rate_init", rate}});
      }
    }
  }
  return all;
}

/// The scores of a search by a device with these limits that is glad of so many models at once.
std::vector<double> scores(const gpu::HostDeviceLimits& limits, std::size_t most_models,
                           Groups& groups, bool tells_memory = false) {
  const Matrix<double> x = test::random_matrix(60, 4, 1);
  const Target y{labels_of(x)};
  const std::vector<double> weights;
  const Folds folds(x, y, weights, KFold(3).splits(x.rows(), y));
  const MLPClassifier network({.max_iter = 20,
                               .random_state = 3,
                               .tol = 1e-3,
                               .n_iter_no_change = 2,
                               .device = "reference"});
  ExhaustiveSource source(candidates(), folds.size());
  const GridSearchOptions options{.scoring = {"neg_log_loss"}, .error_score = {}};
  SearchSink sink(source, options, 0);
  const auto make = [&](std::string_view, int, SpareThreads*) {
    return std::make_unique<WatchedEngine>(gpu::make_device_engine(gpu::make_host_device(limits)),
                                           most_models, tells_memory, groups);
  };
  const FitAndScoreOptions each{.scoring = &options.scoring,
                                .return_train_score = false,
                                .error_score = {},
                                .stop = {},
                                .make_engine = make};
  run_search(network, source, folds, x.cols(), 1, each, sink);
  return std::move(sink.table()).write(source.candidates()).numbers("mean_test_neg_log_loss");
}

/// Whether a network is trained alone, beside others that end sooner or later, or in a group for
/// which there was no memory at first.
TEST(DeviceSearch, FindsTheSameAloneInGroupsAndHalved) {
  for (const std::size_t shared_memory : {std::size_t{48} << 10, std::size_t{16}}) {
    Groups alone, together, halved;
    const auto expected = scores({.shared_memory = shared_memory}, 1, alone);
    EXPECT_TRUE(test::same_bits(scores({.shared_memory = shared_memory}, 100, together), expected));
    const std::size_t memory = shared_memory == 16 ? 600000 : 50000;
    EXPECT_TRUE(test::same_bits(
        scores({.memory = memory, .shared_memory = shared_memory}, 100, halved), expected));
    EXPECT_EQ(std::ranges::max(alone), 1);
    EXPECT_EQ(together, Groups{24});
    ASSERT_GT(halved.size(), 2) << shared_memory;
    EXPECT_EQ(halved[0], 24);
    EXPECT_EQ(halved[1], 12);
  }
}

/// No group is tried that has to be halved. Scores of wide networks take memory beside the fits'.
TEST(DeviceSearch, PacksGroupsByTheMemoryThatIsFree) {
  for (const std::size_t shared_memory : {std::size_t{48} << 10, std::size_t{16}}) {
    Groups alone, packed;
    const auto expected = scores({.shared_memory = shared_memory}, 1, alone);
    const std::size_t memory = shared_memory == 16 ? 900000 : 600000;
    EXPECT_TRUE(test::same_bits(
        scores({.memory = memory, .shared_memory = shared_memory}, 100, packed, true), expected));
    EXPECT_EQ(std::accumulate(packed.begin(), packed.end(), std::size_t{0}), 24);
    EXPECT_GT(packed.at(0), 5);
    EXPECT_LT(packed.at(0), 24);
  }
}

}  // namespace
}  // namespace skarma
