#include <skarma/cli/input/nearest_file.hpp>

#include <gtest/gtest.h>

#include <skarma/tests/support/temporary_folder.hpp>

namespace skarma::cli {
namespace {

TEST(NearestFile, IsInTheSameFolder) {
  const skarma::test::TemporaryFolder folder;
  const std::string train = folder.write("train.csv", "");
  EXPECT_EQ(did_you_mean_file(folder.path("trian.csv")), " Did you mean '" + train + "'?");
  EXPECT_EQ(did_you_mean_file(folder.path("x")), "");
  EXPECT_EQ(did_you_mean_file(folder.path("none/train.csv")), "");
}

TEST(NearestFile, IsNoNearerInALongPath) {
  const skarma::test::TemporaryFolder folder;
  folder.write("train.csv", "");
  EXPECT_EQ(did_you_mean_file(folder.path("results.dat")), "");
}

}  // namespace
}  // namespace skarma::cli
