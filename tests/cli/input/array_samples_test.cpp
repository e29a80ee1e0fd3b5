#include <skarma/cli/input/array_samples.hpp>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include <gtest/gtest.h>

#include <skarma/cli/usage_error.hpp>
#include <skarma/core/base/errors.hpp>
#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/temporary_folder.hpp>

namespace skarma::cli {
namespace {

/// An IDX file of float64, one row after another.
std::string idx(std::size_t rows, std::size_t cols, const std::vector<double>& numbers) {
  std::string bytes("\0\0\x0e\x02", 4);
  for (const std::size_t axis : {rows, cols}) {
    bytes += std::string(3, '\0') + static_cast<char>(axis);
  }
  for (const double v : numbers) {
    std::string own(sizeof v, '\0');
    std::memcpy(own.data(), &v, sizeof v);
    bytes.append(own.rbegin(), own.rend());
  }
  return bytes;
}

TEST(ArraySamples, AreATableWithoutAHeader) {
  const skarma::test::TemporaryFolder folder;
  const auto path = folder.write("x.idx", idx(2, 4, {1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_TRUE(is_array_file(path));
  const CsvData data = read_csv_data(path, {.targets = {"2"}, .dropped = {"1"}, .weights = "-1"});
  EXPECT_EQ(data.x, Matrix<double>(2, 1, {3, 7}));
  EXPECT_EQ(data.weights, (std::vector<double>{4, 8}));
  EXPECT_EQ(data.targets.at(0).cells, (std::vector<std::string>{"2", "6"}));
  EXPECT_EQ(data.found, path + ": an array of shape (2, 4) of float64");
  EXPECT_TRUE(read_csv_data(path, {}).target_is_default);
}

TEST(ArraySamples, TargetsMayHaveAFileOfTheirOwn) {
  const skarma::test::TemporaryFolder folder;
  const auto x = folder.write("x.idx", idx(2, 2, {1, 2, 3, 4}));
  const auto y = folder.write("y.idx", idx(2, 1, {7, 9}));
  const auto csv = folder.write("x.csv", "a,b\n1,2\n3,4\n");
  for (const auto& file : {x, csv}) {
    const Samples samples = read_csv_samples(file, {.target_file = y}, TaskChoice::detected);
    EXPECT_EQ(samples.x, Matrix<double>(2, 2, {1, 2, 3, 4}));
    EXPECT_EQ(samples.task, Task::classification);
    EXPECT_EQ(samples.y.as_ints(), (std::vector<int>{7, 9}));
  }
}

TEST(ArraySamples, MistakesAreNamed) {
  const skarma::test::TemporaryFolder folder;
  const auto expect_error = [&](const std::string& bytes, const ColumnChoice& choice,
                                const char* message) {
    EXPECT_THROW_WITH(read_csv_data(folder.write("x.idx", bytes), choice), DataError, message);
  };
  const std::string x = idx(2, 2, {1, 2, 3, 4});
  expect_error(x.substr(0, 30), {}, "the shape (2, 2) of float64 takes 32 bytes, and there are 18");
  expect_error(idx(2, 2, {1, 2, std::nan(""), 4}), {},
               "x.idx, line 2, column 1: nan in column 'x1' is not finite");
  expect_error(idx(0, 2, {}), {}, "it holds no samples");
  const auto three = folder.write("three.idx", idx(3, 1, {1, 2, 3}));
  expect_error(x, {.target_file = three}, "three.idx: it has 3 targets, and there are 2 samples");
  expect_error(x, {.target_file = folder.write("y.csv", "1\n2\n")},
               "y.csv: targets of a file of their own come as an array, .npy or IDX");
  expect_error(x, {.target_file = folder.path("none")}, "none");
  EXPECT_THROW_WITH(read_csv_data(three, {.header = Header::yes}), UsageError,
                    "an array of numbers, which has no header");
}

/// A file of SKARMA_TEST_DATA; empty if it is not there.
std::string data_path(const char* name) {
  const char* const folder = std::getenv("SKARMA_TEST_DATA");
  const auto path =
      std::filesystem::path(folder == nullptr ? SKARMA_DEFAULT_TEST_DATA : folder) / name;
  return std::filesystem::exists(path) ? path.string() : "";
}

/// MNIST's own files, compressed as they come.
TEST(ArraySamples, TheProgramLearnsFromMnist) {
  const std::string images = data_path("mnist/t10k-images-idx3-ubyte.gz");
  const std::string labels = data_path("mnist/t10k-labels-idx1-ubyte.gz");
  if (images.empty()) GTEST_SKIP() << "SKARMA_TEST_DATA has no mnist";
  const Samples samples = read_csv_samples(images, {.target_file = labels}, TaskChoice::detected);
  EXPECT_EQ(samples.x.rows(), 10000);
  EXPECT_EQ(samples.x.cols(), 784);
  EXPECT_EQ(samples.y.as_ints()[0], 7);  // the test images begin with 7, 2, 1, 0
  EXPECT_EQ(samples.y.as_ints()[3], 0);
  EXPECT_EQ(n_classes(samples.y.classes()), 10);
}

}  // namespace
}  // namespace skarma::cli
