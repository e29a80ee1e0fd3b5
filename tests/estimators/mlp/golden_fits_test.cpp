// Every fit of golden/fits.json: the parameters, calls and attributes of scikit-learn 1.9.1, on the
// processor and by the CUDA engine on the processor.
#include <algorithm>
#include <sstream>
#include <tuple>

#include <gtest/gtest.h>

#include <skarma/core/engine/shared_engine.hpp>
#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/estimators/mlp/mlp_regressor.hpp>
#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/devices.hpp>
#include <skarma/tests/support/golden_data.hpp>

namespace skarma {
namespace {

using test::close;
using test::Json;
using test::numbers;

/// The name of a case, and a device of tests/support/devices.hpp.
class GoldenFit : public ::testing::TestWithParam<std::tuple<std::string, std::string_view>> {
 protected:
  const Json& expected() const { return test::golden_case("fits", std::get<0>(GetParam())); }
  double rtol() const { return expected().at("rtol"); }

  void expect_optional(const std::optional<double>& value, const char* attribute) const {
    const Json& reference = expected().at(attribute);
    ASSERT_EQ(value.has_value(), !reference.is_null()) << attribute;
    if (!value) return;
    EXPECT_TRUE(close(*value, test::number(reference), rtol())) << attribute;
  }

  void expect_arrays(const std::vector<std::vector<double>>& arrays, const char* attribute) const {
    ASSERT_EQ(arrays.size(), expected().at(attribute).size());
    for (std::size_t i = 0; i < arrays.size(); ++i) {
      EXPECT_TRUE(close(arrays[i], numbers(expected().at(attribute)[i]), rtol()))
          << attribute << " " << i;
    }
  }

  /// What computes fits and predictions, whatever device they ask for.
  SharedEngine engine_{nullptr, [](std::string_view, int, SpareThreads*) {
                         return test::engine_of(std::get<1>(GetParam()));
                       }};

  void expect_attributes(const MLPBase& model) const {
    EXPECT_EQ(model.n_iter(), expected().at("n_iter_").get<int>());
    EXPECT_EQ(model.t(), expected().at("t_").get<std::int64_t>());
    EXPECT_EQ(model.n_layers(), expected().at("n_layers_").get<std::size_t>());
    EXPECT_EQ(model.n_outputs(), expected().at("n_outputs_").get<std::size_t>());
    EXPECT_EQ(model.out_activation(), expected().at("out_activation_").get<std::string>());
    EXPECT_TRUE(close(model.loss(), test::number(expected().at("loss_")), rtol()));
    EXPECT_TRUE(close(model.loss_curve(), numbers(expected().at("loss_curve_")), rtol()));
    expect_optional(model.best_loss(), "best_loss_");
    expect_optional(model.best_validation_score(), "best_validation_score_");
    ASSERT_EQ(model.validation_scores().has_value(),
              !expected().at("validation_scores_").is_null());
    if (model.validation_scores()) {
      EXPECT_TRUE(
          close(*model.validation_scores(), numbers(expected().at("validation_scores_")), rtol()));
    }
    std::vector<std::vector<double>> coefs;
    for (const auto& coef : model.coefs()) coefs.push_back(coef.values());
    expect_arrays(coefs, "coefs_");
    expect_arrays(model.intercepts(), "intercepts_");
  }
};

/// The first n samples of a view, kept in a row list of its own.
std::vector<RowIndex> first_rows(std::size_t n) {
  std::vector<RowIndex> rows(n);
  for (std::size_t i = 0; i < n; ++i) rows[i] = static_cast<RowIndex>(i);
  return rows;
}

TEST_P(GoldenFit, HasScikitLearnsAttributes) {
  const test::GoldenData data = test::data_of(expected());
  const Matrix<float> x32 = test::rounded_to_float(data.x);
  const SampleView x = expected().at("X_dtype") == "float32" ? SampleView(x32) : SampleView(data.x);
  const FitOptions options{.sample_weight = data.sample_weight, .control = {.engine = &engine_}};
  const auto six = first_rows(6), twelve = first_rows(12);
  std::istringstream calls(expected().at("calls").get<std::string>());

  if (expected().at("estimator") == "MLPClassifier") {
    MLPClassifier model;
    test::set_all(model, expected().at("params"));
    model.control_predictions({.engine = &engine_});
    for (std::string call; calls >> call;) {
      call == "fit" ? model.fit(x, data.y, options) : model.partial_fit(x, data.y, data.y, options);
    }
    expect_attributes(model);
    const auto& classes = std::get<std::vector<std::int64_t>>(model.classes());
    EXPECT_EQ(classes, expected().at("classes_").get<std::vector<std::int64_t>>());
    EXPECT_TRUE(close(model.predict_proba(x.rows(six)).values(),
                      numbers(expected().at("predict_proba_first_6_rows")), rtol()));
    EXPECT_EQ(model.predict(x.rows(twelve)).values().values(),
              numbers(expected().at("predict_first_12_rows")));
    EXPECT_DOUBLE_EQ(model.score(x, data.y), test::number(expected().at("score")));
  } else {
    MLPRegressor model;
    test::set_all(model, expected().at("params"));
    model.control_predictions({.engine = &engine_});
    for (std::string call; calls >> call;) {
      call == "fit" ? model.fit(x, data.y, options) : model.partial_fit(x, data.y, options);
    }
    expect_attributes(model);
    EXPECT_TRUE(close(model.predict(x.rows(twelve)).values().values(),
                      numbers(expected().at("predict_first_12_rows")), rtol()));
    EXPECT_TRUE(close(model.score(x, data.y), test::number(expected().at("score")), rtol()));
  }
}

std::string fit_name(const ::testing::TestParamInfo<GoldenFit::ParamType>& info) {
  std::string device(std::get<1>(info.param));
  std::ranges::replace(device, '-', '_');
  return std::get<0>(info.param) + "_" + device;
}

INSTANTIATE_TEST_SUITE_P(Cases, GoldenFit,
                         ::testing::Combine(::testing::ValuesIn(test::golden_case_names("fits")),
                                            ::testing::Values("cpu", test::kCudaHost,
                                                              test::kCudaHostWide)),
                         fit_name);
INSTANTIATE_TEST_SUITE_P(Threads, GoldenFit,
                         ::testing::Combine(::testing::ValuesIn(test::golden_case_names("fits")),
                                            ::testing::Values(test::kCudaHostThreads)),
                         fit_name);

TEST(GoldenFits, AllTwentyAreThere) { EXPECT_EQ(test::golden_case_names("fits").size(), 20u); }

}  // namespace
}  // namespace skarma
