#include <skarma/datasets/read_idx.hpp>

#include <gtest/gtest.h>

#include <skarma/tests/support/messages.hpp>
#include <skarma/tests/support/temporary_folder.hpp>

namespace skarma {
namespace {

std::string bytes_of(std::initializer_list<int> bytes) {
  std::string text;
  for (const int b : bytes) text += static_cast<char>(b);
  return text;
}

TEST(ReadIdx, ReadsEveryType) {
  const auto numbers_in = [](std::initializer_list<int> bytes) {
    return parse_idx(bytes_of(bytes), "it").list<double>();
  };
  EXPECT_EQ(numbers_in({0, 0, 0x08, 1, 0, 0, 0, 2, 7, 255}), (std::vector<double>{7, 255}));
  EXPECT_EQ(numbers_in({0, 0, 0x09, 1, 0, 0, 0, 2, 7, 255}), (std::vector<double>{7, -1}));
  EXPECT_EQ(numbers_in({0, 0, 0x0B, 1, 0, 0, 0, 1, 1, 2}), std::vector<double>{258});
  EXPECT_EQ(numbers_in({0, 0, 0x0C, 1, 0, 0, 0, 1, 255, 255, 255, 254}), std::vector<double>{-2});
  EXPECT_EQ(numbers_in({0, 0, 0x0D, 1, 0, 0, 0, 1, 0x3f, 0xc0, 0, 0}), std::vector<double>{1.5});
  EXPECT_EQ(numbers_in({0, 0, 0x0E, 1, 0, 0, 0, 1, 0x40, 0, 0, 0, 0, 0, 0, 0}),
            std::vector<double>{2});
}

/// Images are rows of pixels.
TEST(ReadIdx, AxesBehindTheFirstLieSideBySide) {
  const NumberArray images =
      parse_idx(bytes_of({0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2, 3, 4}), "it");
  EXPECT_EQ(images.shape(), (std::vector<std::size_t>{2, 1, 2}));
  EXPECT_EQ(images.matrix<float>(), Matrix<float>(2, 2, {1, 2, 3, 4}));
  EXPECT_THROW_WITH(images.list<int>(), std::invalid_argument,
                    "An array of shape (2, 1, 2) is not one number a sample.");
}

TEST(ReadIdx, MistakesAreNamed) {
  const auto expect_error = [](const std::string& bytes, const char* message) {
    EXPECT_THROW_WITH(parse_idx(bytes, "it"), std::runtime_error, message);
  };
  expect_error("", "it: this is no IDX file");
  expect_error(bytes_of({0, 1, 8, 1}), "this is no IDX file");
  expect_error("\x1f\x8b\x08", "this is compressed by gzip; unpack it first");
  expect_error(bytes_of({0, 0, 0x0A, 1}), "there is no type 0x0a in IDX files");
  expect_error(bytes_of({0, 0, 8, 0}), "it has no axis");
  expect_error(bytes_of({0, 0, 8, 2, 0, 0, 0, 1}), "it ends within the sizes of its 2 axes");
  expect_error(bytes_of({0, 0, 8, 1, 0, 0, 0, 3, 1, 2}),
               "the shape (3) of uint8 takes 3 bytes, and there are 2");
  expect_error(bytes_of({0, 0, 8, 1, 0, 0, 0, 1, 1, 2}), "takes 1 bytes, and there are 2");
  const std::string huge =
      bytes_of({0, 0, 14, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255});
  expect_error(huge, "has more numbers than there can be");
}

TEST(ReadIdx, FilesAreReadWhole) {
  const test::TemporaryFolder folder;
  const auto path = folder.write("labels", bytes_of({0, 0, 8, 1, 0, 0, 0, 2, 7, 9}));
  EXPECT_EQ(read_idx(path).list<int>(), (std::vector<int>{7, 9}));
  EXPECT_THROW_WITH(read_idx(folder.path("none")), std::runtime_error, "Cannot read ");
  EXPECT_THROW_WITH(read_idx(folder.path("")), std::runtime_error, "Cannot read ");
}

}  // namespace
}  // namespace skarma
