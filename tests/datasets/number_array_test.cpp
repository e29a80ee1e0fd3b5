#include <skarma/datasets/number_array.hpp>

#include <cmath>
#include <cstring>

#include <gtest/gtest.h>

#include <skarma/tests/support/messages.hpp>

namespace skarma {
namespace {

NumberArray of(std::vector<std::size_t> shape, const std::vector<double>& numbers) {
  std::string bytes(numbers.size() * sizeof(double), '\0');
  std::memcpy(bytes.data(), numbers.data(), bytes.size());
  return {std::move(shape), NumberType::float64, std::move(bytes)};
}

TEST(NumberArray, IsAMatrixOfSamplesOrAList) {
  const NumberArray array = of({2, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(array.matrix<double>(), Matrix<double>(2, 3, {1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(of({3, 1}, {1, 2, 3}).list<int>(), (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(of({2}, {0.5, -1}).list<float>(), (std::vector<float>{0.5F, -1.0F}));
  EXPECT_THROW_WITH(array.list<double>(), std::invalid_argument, "shape (2, 3)");
  EXPECT_THROW_WITH(of({}, {1}).matrix<double>(), std::invalid_argument, "no table of samples");
}

TEST(NumberArray, LabelsAreWholeNumbers) {
  for (const double v : {0.5, 2147483648.0, -2147483649.0, std::nan(""), HUGE_VAL}) {
    EXPECT_THROW_WITH(of({1}, {v}).list<int>(), std::invalid_argument,
                      "is not a number of type int");
  }
  EXPECT_EQ(of({2}, {2147483647.0, -2147483648.0}).list<int>(),
            (std::vector<int>{2147483647, -2147483647 - 1}));
}

TEST(NumberArray, AnotherNumberOfBytesIsABug) {
  EXPECT_THROW(NumberArray({2}, NumberType::uint8, "x"), std::logic_error);
}

}  // namespace
}  // namespace skarma
