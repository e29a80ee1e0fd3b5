// Sums of scores on every device, beside a naive formula over the outputs that the device has.
#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <skarma/core/base/column_transform.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/devices.hpp>
#include <skarma/tests/support/kernel_test.hpp>
#include <skarma/tests/support/networks.hpp>
#include <skarma/tests/support/one_model.hpp>
#include <skarma/tests/support/problem.hpp>
#include <skarma/tests/support/sparse_matrix.hpp>

namespace skarma {
namespace {

using test::Problem;

std::vector<std::string_view> devices_and_threads() {
  auto all = test::devices();
  all.push_back(test::kCudaHostThreads);
  return all;
}

std::vector<ScoreKind> kinds_of(const Loss& loss) {
  if (loss.targets == TargetKind::code) return {kRightRows, kLogLosses};
  return {kRightRows, kSquaredErrors, kAbsoluteErrors, kLogLosses};
}

std::size_t label_of(std::span<const double> outputs) {
  std::size_t best = 0;
  for (std::size_t j = 0; j < outputs.size(); ++j) {
    if (outputs[j] > outputs[best]) best = j;
  }
  return best;
}

/// What a network says of most samples, so that some rows are right: every third is not, for which
/// `not_learnt` may put the code of a label that the network does not know.
Targets<double> mostly_right(const Loss& loss, const Matrix<double>& outputs, bool weighted,
                             bool not_learnt) {
  Targets<double> targets;
  targets.n_outputs = outputs.cols();
  for (std::size_t i = 0; i < outputs.rows(); ++i) {
    const bool right = i % 3 != 0;
    if (loss.targets == TargetKind::code) {
      const std::size_t label = label_of(outputs.row(i));
      const std::size_t other = (label + 1) % outputs.cols();
      const auto wrong = not_learnt ? -1 : static_cast<std::int32_t>(other);
      targets.codes.push_back(right ? static_cast<std::int32_t>(label) : wrong);
    } else {
      for (const double p : outputs.row(i)) targets.values.push_back(p > 0.5 ? 1.0 : 0.0);
      if (!right) targets.values.back() = not_learnt ? -1.0 : 1.0 - targets.values.back();
    }
    if (weighted) targets.weights.push_back(0.1 + static_cast<double>(i % 7));
  }
  return targets;
}

double naive_log(double p, double epsilon) {
  return -std::log(std::min(std::max(p, epsilon), 1.0 - epsilon));
}

/// What row `i` adds for output `j`.
double naive_term(ScoreKind kind, const Targets<double>& targets, const Matrix<double>& outputs,
                  std::size_t i, std::size_t j, double epsilon) {
  const bool has_code = !targets.codes.empty();
  const std::int32_t code = has_code ? targets.codes[i] : 0;
  const auto target = [&](std::size_t k) { return targets.values[i * outputs.cols() + k]; };
  switch (kind) {
    case kSquaredErrors:
      return (target(j) - outputs(i, j)) * (target(j) - outputs(i, j));
    case kAbsoluteErrors:
      return std::abs(target(j) - outputs(i, j));
    case kRightRows: {
      bool right = !has_code || static_cast<std::int32_t>(label_of(outputs.row(i))) == code;
      for (std::size_t k = 0; !has_code && k < outputs.cols(); ++k) {
        right = right && target(k) == (outputs(i, k) > 0.5 ? 1.0 : 0.0);
      }
      return right ? 1.0 : 0.0;
    }
    default:
      break;
  }
  if (has_code) return naive_log(outputs(i, static_cast<std::size_t>(code)), epsilon);
  double sum = 0.0;
  for (std::size_t k = 0; k < outputs.cols(); ++k) {
    sum += naive_log(target(k) != 0.0 ? outputs(i, k) : 1.0 - outputs(i, k), epsilon);
  }
  return sum;
}

std::vector<double> naive_sums(ScoreKind kind, const Targets<double>& targets,
                               const Matrix<double>& outputs, double epsilon) {
  const bool one_for_each = kind == kSquaredErrors || kind == kAbsoluteErrors;
  std::vector<double> sums(one_for_each ? outputs.cols() : 1);
  for (std::size_t i = 0; i < outputs.rows(); ++i) {
    const double weight = targets.weights.empty() ? 1.0 : targets.weights[i];
    for (std::size_t j = 0; j < sums.size(); ++j) {
      sums[j] += weight * naive_term(kind, targets, outputs, i, j, epsilon);
    }
  }
  return sums;
}

/// To the last bit, but for logarithms.
void expect_sums(ScoreKind kind, const std::vector<double>& sums,
                 const std::vector<double>& expected) {
  if (kind == kLogLosses) {
    EXPECT_TRUE(test::close(sums, expected, 1e-14));
  } else {
    EXPECT_TRUE(test::same_bits(sums, expected));
  }
}

template <class T>
void expect_scores(const Problem<T>& problem, const SampleView& samples, bool weighted) {
  const double epsilon{std::numeric_limits<T>::epsilon()};
  const Loss& loss = problem.spec.loss();
  for (const std::string_view device : devices_and_threads()) {
    SCOPED_TRACE(device);
    const auto engine = test::engine_of(device);
    const ModelId model =
        problem.open(*engine, "adam", std::min<std::size_t>(32, problem.x.rows()));
    const Matrix<double> outputs = test::outputs_of(*engine, model, samples);
    for (const ScoreKind kind : kinds_of(loss)) {
      for (const bool not_learnt : {false, true}) {
        if (not_learnt && kind == kLogLosses) continue;
        const auto targets = mostly_right(loss, outputs, weighted, not_learnt);
        expect_sums(kind, test::sums_of(*engine, model, samples, targets, kind),
                    naive_sums(kind, targets, outputs, epsilon));
      }
    }
  }
}

template <class T>
class Scores : public ::testing::Test {};
TYPED_TEST_SUITE(Scores, test::RealTypes);

TYPED_TEST(Scores, AreSumsOverTheOutputs) {
  for (const Loss& loss : kLosses) {
    for (const bool weighted : {false, true}) {
      SCOPED_TRACE(testing::Message() << loss.name << (weighted ? ", weighted" : ""));
      const Problem<TypeParam> problem({6, 7, 3}, "tanh", loss.name, 53);
      expect_scores(problem, problem.x, weighted);
    }
  }
}

TYPED_TEST(Scores, OfEverySize) {
  for (const std::size_t rows : {1u, 31u, 300u}) {
    for (const std::size_t outputs : {1u, 5u, 300u}) {
      SCOPED_TRACE(testing::Message() << rows << " rows, " << outputs << " outputs");
      const Problem<TypeParam> problem({3, outputs}, "relu", "squared_error", rows);
      expect_scores(problem, problem.x, true);
      const Problem<TypeParam> labels({3, 2, outputs}, "relu", "binary_log_loss", rows);
      expect_scores(labels, labels.x, false);
      if (outputs == 1) continue;
      const Problem<TypeParam> classes({3, 2, outputs}, "relu", "log_loss", rows);
      expect_scores(classes, classes.x, true);
    }
  }
}

/// Of chosen rows behind a map, dense and sparse.
TYPED_TEST(Scores, OfFoldsAndScaledSamples) {
  const auto map =
      std::make_shared<const ColumnTransform>(ColumnTransform{ColumnTransform::Kind::rescale,
                                                              test::random_numbers(4, 5),
                                                              test::random_numbers(4, 6, 0.5, 2.0),
                                                              {}});
  const Problem<TypeParam> problem({4, 5, 3}, "relu", "log_loss", 40);
  const auto sparse = test::sparse_matrix<TypeParam>(40, 4, 0.4, 3);
  const auto order = RandomState(1).permutation(40);
  const auto rows = std::span(order).first(23);
  for (const SampleView& all : {SampleView(problem.x), SampleView(sparse.view())}) {
    expect_scores(problem, all.rows(rows), true);
    expect_scores(problem, all.rows(rows).transformed(map), true);
  }
}

/// Of equal outputs the first class is the label.
TYPED_TEST(Scores, TheFirstOfEqualsWins) {
  const NetworkSpec spec = test::network({4, 3}, "relu", "log_loss");
  const Matrix<TypeParam> x = test::random_matrix<TypeParam>(5, 4, 1);
  const Targets<double> targets{{0, 1, 2, -1, 0}, {}, {1.0, 2.0, 4.0, 8.0, 16.0}, 3};
  for (const std::string_view device : devices_and_threads()) {
    const auto engine = test::engine_of(device);
    const ModelId model = test::open_one(
        *engine, {spec, 0.0, 5, engine->hold(x), test::random_targets(spec, 5, 1),
                  ModelState<TypeParam>{std::vector<TypeParam>(spec.n_parameters()),
                                        start_optimiser<TypeParam>({}, spec.n_trained())}});
    EXPECT_EQ(test::sums_of(*engine, model, x, targets, kRightRows), std::vector{17.0}) << device;
  }
}

/// Probabilities of 0 and 1 stay as far from them as their type tells numbers apart.
TYPED_TEST(Scores, ClipProbabilities) {
  const NetworkSpec spec = test::network({1, 1}, "relu", "binary_log_loss");
  const Matrix<TypeParam> x(2, 1, {TypeParam(1000), TypeParam(-1000)});
  const Targets<double> wrong{{}, {0.0, 1.0}, {}, 1};
  const double expected = -2 * std::log(double{std::numeric_limits<TypeParam>::epsilon()});
  for (const std::string_view device : devices_and_threads()) {
    const auto engine = test::engine_of(device);
    const ModelId model =
        test::open_one(*engine, {spec, 0.0, 2, engine->hold(x), wrong,
                                 ModelState<TypeParam>{{1, 0}, start_optimiser<TypeParam>({}, 2)}});
    const auto sums = test::sums_of(*engine, model, x, wrong, kLogLosses);
    EXPECT_NEAR(sums[0], expected, 1e-12 * expected) << device;
  }
}

/// Also where no error would come of it, as a class always does.
TYPED_TEST(Scores, AreNaNWhereASampleIsNotFinite) {
  const Problem<TypeParam> problem({6, 7, 3}, "tanh", "log_loss", 20);
  const auto targets = test::random_targets(problem.spec, 20, 3);
  for (const double bad : {std::numeric_limits<double>::infinity(), std::nan("")}) {
    auto x = problem.x;
    x(13, 2) = static_cast<TypeParam>(bad);
    for (const std::string_view device : devices_and_threads()) {
      const auto engine = test::engine_of(device);
      const ModelId model = problem.open(*engine, "sgd", 20);
      for (const ScoreKind kind : {kRightRows, kLogLosses}) {
        EXPECT_TRUE(std::isnan(test::sums_of(*engine, model, x, targets, kind)[0])) << device;
      }
      EXPECT_FALSE(std::isnan(test::sums_of(*engine, model, problem.x, targets, kRightRows)[0]));
    }
  }
}

/// Jobs of several models, data, targets and kinds in one call, of both types.
TEST(Scores, OfAGroupAreThoseOfEach) {
  const Problem<double> wide({6, 7, 3}, "tanh", "log_loss", 53);
  const Problem<float> narrow({6, 4, 3}, "tanh", "log_loss", 53);
  const auto order = RandomState(1).permutation(53);
  const SampleView x(wide.x), part = x.rows(std::span(order).first(20));
  const auto all = test::random_targets(wide.spec, 53, 3, true);
  const auto some = test::random_targets(wide.spec, 20, 4);
  for (const std::string_view device : devices_and_threads()) {
    SCOPED_TRACE(device);
    const auto engine = test::engine_of(device);
    const ModelId models[] = {wide.open(*engine, "adam", 16), narrow.open(*engine, "sgd", 16),
                              wide.open(*engine, "sgd", 8)};
    const DataId whole = engine->hold(x), fold = engine->hold(part);
    std::vector<ScoreJob> jobs;
    for (const ModelId model : models) {
      for (const ScoreKind kind : {kLogLosses, kRightRows}) {
        jobs.push_back({model, fold, &some, kind});
        jobs.push_back({model, whole, &all, kind});
      }
    }
    jobs.push_back({models[0], whole, &all, kLogLosses});
    std::vector<std::optional<std::vector<double>>> sums(jobs.size());
    engine->score(jobs, sums);
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      const auto& [model, data, targets, kind, stop] = jobs[i];
      EXPECT_TRUE(test::same_bits(
          sums[i].value(), test::sums_of(*engine, model, data == fold ? part : x, *targets, kind)));
    }
  }
}

TEST(Scores, AStopRequestIsForOneJob) {
  const Problem<double> problem({6, 7, 3}, "tanh", "log_loss", 53);
  const auto targets = test::random_targets(problem.spec, 53, 3);
  std::stop_source source;
  source.request_stop();
  for (const std::string_view device : devices_and_threads()) {
    const auto engine = test::engine_of(device);
    const ModelId model = problem.open(*engine, "adam", 16);
    const DataId data = engine->hold(problem.x);
    const ScoreJob jobs[] = {{model, data, &targets, kRightRows, source.get_token()},
                             {model, data, &targets, kRightRows}};
    std::optional<std::vector<double>> sums[2];
    engine->score(jobs, sums);
    EXPECT_FALSE(sums[0]) << device;
    ASSERT_TRUE(sums[1]) << device;
    EXPECT_EQ(*sums[1], test::sums_of(*engine, model, problem.x, targets, kRightRows)) << device;
  }
}

TEST(Scores, TargetsThatDoNotFitAreABug) {
  const Problem<double> problem({6, 7, 3}, "tanh", "log_loss", 20);
  const auto right = test::random_targets(problem.spec, 20, 3, true);
  auto few = right, weights = right, codes = right, none = right, values = right;
  few.codes.pop_back();
  weights.weights.pop_back();
  codes.codes[3] = 3;
  none.codes[3] = -1;
  values.values.assign(60, 0.0);
  for (const std::string_view device : devices_and_threads()) {
    const auto engine = test::engine_of(device);
    const ModelId model = problem.open(*engine, "adam", 16);
    const auto ask = [&](const Targets<double>& targets, ScoreKind kind) {
      return test::sums_of(*engine, model, problem.x, targets, kind);
    };
    for (const auto* targets : {&few, &weights, &codes, &values}) {
      EXPECT_THROW(ask(*targets, kRightRows), std::logic_error) << device;
    }
    EXPECT_THROW(ask(right, kSquaredErrors), std::logic_error) << device;
    EXPECT_THROW(ask(none, kLogLosses), std::logic_error) << device;
    EXPECT_NO_THROW(ask(none, kRightRows)) << device;
    EXPECT_THROW(test::sums_of(*engine, ModelId{999}, problem.x, right, kRightRows),
                 std::out_of_range)
        << device;
  }
}

}  // namespace
}  // namespace skarma
