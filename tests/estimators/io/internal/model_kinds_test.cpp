#include <skarma/estimators/io/internal/model_kinds.hpp>

#include <gtest/gtest.h>

#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

TEST(ModelKinds, EveryClassThatAFileHoldsByItsName) {
  for (const char* name : {"MLPClassifier", "MLPRegressor", "Pipeline"}) {
    EXPECT_EQ(new_estimator(name)->name(), name);
  }
  for (const char* name : {"StandardScaler", "MinMaxScaler"}) {
    EXPECT_EQ(new_transformer(name)->name(), name);
  }
  EXPECT_THROW_WITH(new_estimator("StandardScaler"), std::runtime_error, "no estimator");
  EXPECT_THROW_WITH(new_transformer("MLPClassifier"), std::runtime_error, "no transformer");
}

}  // namespace
}  // namespace skarma
