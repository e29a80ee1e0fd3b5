#include <skarma/core/base/random_state.hpp>

#include <limits>
#include <numeric>
#include <set>

#include <gtest/gtest.h>

#include <skarma/tests/support/compare.hpp>
#include <skarma/tests/support/golden.hpp>

namespace skarma {
namespace {

using test::Json;
using test::numbers;
using test::same_bits;

/// 64-bit FNV-1a over the values as little-endian 32-bit words, as 16 hex digits.
std::string digest(const std::vector<RowIndex>& values) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const RowIndex v : values) {
    for (int shift = 0; shift < 32; shift += 8) {
      hash = (hash ^ ((v >> shift) & 0xff)) * 0x100000001b3;
    }
  }
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash));
  return text;
}

std::vector<RowIndex> indices(const Json& array) { return array.get<std::vector<RowIndex>>(); }

template <class Draw>
auto drawn(std::size_t n, Draw draw) {
  std::vector<decltype(draw())> result;
  for (std::size_t i = 0; i < n; ++i) result.push_back(draw());
  return result;
}

std::vector<double> uniforms(RandomState& rs, std::size_t n, double low, double high) {
  return drawn(n, [&] { return rs.uniform(low, high); });
}
std::vector<double> randoms(RandomState& rs, std::size_t n) {
  return drawn(n, [&] { return rs.random(); });
}
std::vector<std::int64_t> integers(RandomState& rs, std::size_t n, std::int64_t high) {
  return drawn(n, [&] { return rs.randint(0, high); });
}

class NumPyStream : public ::testing::TestWithParam<std::size_t> {
 protected:
  const Json& expected() const { return test::golden("rng").at("seeds").at(GetParam()); }
  RandomState fresh() const { return RandomState(expected().at("seed").get<std::uint32_t>()); }
};

TEST_P(NumPyStream, RawWords) {
  auto rs = fresh();
  EXPECT_EQ(drawn(8, [&] { return rs.next_u32(); }),
            expected().at("raw_u32_first_8").get<std::vector<std::uint32_t>>());
}

TEST_P(NumPyStream, SixtyFourBitsAreTheHighWordFirst) {
  auto words = fresh();
  auto pairs = fresh();
  const std::uint64_t high = words.next_u32();
  EXPECT_EQ(pairs.next_u64(), (high << 32) | words.next_u32());
}

TEST_P(NumPyStream, Doubles) {
  auto rs = fresh();
  EXPECT_TRUE(same_bits(randoms(rs, 10), numbers(expected().at("random_first_10"))));
  randoms(rs, 690);
  EXPECT_TRUE(same_bits(randoms(rs, 3), numbers(expected().at("random_701_to_703"))));
  auto again = fresh();
  EXPECT_TRUE(same_bits(uniforms(again, 5, -0.5, 0.5),
                        numbers(expected().at("uniform_minus0.5_0.5_first_5"))));
}

TEST_P(NumPyStream, Permutations) {
  EXPECT_EQ(fresh().permutation(1), indices(expected().at("permutation_1")));
  EXPECT_EQ(fresh().permutation(10), indices(expected().at("permutation_10")));
  EXPECT_EQ(digest(fresh().permutation(257)), expected().at("permutation_257_fnv1a64"));
  auto long_one = fresh().permutation(1000);
  EXPECT_EQ(digest(long_one), expected().at("permutation_1000_fnv1a64"));
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < 1000; ++i) sum += static_cast<std::int64_t>(i) * long_one[i];
  EXPECT_EQ(sum, expected().at("permutation_1000_sum_i_times_p").get<std::int64_t>());
  long_one.resize(10);
  EXPECT_EQ(long_one, indices(expected().at("permutation_1000_first_10")));
}

TEST_P(NumPyStream, ShufflesAccumulate) {
  auto rs = fresh();
  std::vector<RowIndex> order(7);
  std::iota(order.begin(), order.end(), RowIndex{0});
  for (const Json& epoch : expected().at("shuffle_three_epochs_n7")) {
    rs.shuffle(std::span(order));
    EXPECT_EQ(order, indices(epoch));
  }
}

TEST_P(NumPyStream, BoundedIntegers) {
  auto rs = fresh();
  EXPECT_EQ(integers(rs, 10, 10),
            expected().at("randint_0_10_first_10").get<std::vector<std::int64_t>>());
  auto wide = fresh();
  EXPECT_EQ(integers(wide, 4, std::int64_t{1} << 40),
            expected().at("randint_0_2pow40_first_4").get<std::vector<std::int64_t>>());
}

TEST_P(NumPyStream, ChoiceWithoutReplacement) {
  EXPECT_EQ(fresh().choice_without_replacement(12, 5),
            indices(expected().at("choice_12_take_5_without_replacement")));
}

TEST_P(NumPyStream, MixedCallsShareOneStream) {
  const Json& mixed = expected().at("one_stream_mixed");
  auto rs = fresh();
  EXPECT_TRUE(same_bits(randoms(rs, 3), numbers(mixed.at("random_3"))));
  EXPECT_EQ(rs.permutation(6), indices(mixed.at("permutation_6")));
  EXPECT_TRUE(same_bits(uniforms(rs, 3, -2, 5), numbers(mixed.at("uniform_minus2_5_x3"))));
  EXPECT_EQ(integers(rs, 4, 100), mixed.at("randint_0_100_x4").get<std::vector<std::int64_t>>());
  EXPECT_EQ(rs.choice_without_replacement(9, 4),
            indices(mixed.at("choice_9_take_4_without_replacement")));
  EXPECT_TRUE(same_bits(randoms(rs, 2), numbers(mixed.at("random_2"))));
}

/// What the golden file holds is what the tests above read: a new key needs a new test.
TEST_P(NumPyStream, AllKeysAreTested) {
  std::set<std::string> keys;
  for (const auto& [key, value] : expected().items()) keys.insert(key);
  EXPECT_EQ(
      keys,
      (std::set<std::string>{
          "seed", "raw_u32_first_8", "random_first_10", "random_701_to_703",
          "uniform_minus0.5_0.5_first_5", "permutation_10", "permutation_1",
          "permutation_257_fnv1a64", "permutation_1000_first_10", "permutation_1000_sum_i_times_p",
          "permutation_1000_fnv1a64", "shuffle_three_epochs_n7", "randint_0_10_first_10",
          "randint_0_2pow40_first_4", "choice_12_take_5_without_replacement", "one_stream_mixed"}));
}

std::string seed_name(const ::testing::TestParamInfo<std::size_t>& info) {
  return "Seed" + test::golden("rng").at("seeds").at(info.param).at("seed").dump();
}

INSTANTIATE_TEST_SUITE_P(Seeds, NumPyStream, ::testing::Range<std::size_t>(0, 4), seed_name);

TEST(RandomState, SeedsGivenAsWords) {
  for (const Json& one : test::golden("rng").at("array_seeds")) {
    RandomState rs(one.at("seed_array").get<std::vector<std::uint32_t>>());
    EXPECT_TRUE(same_bits(randoms(rs, 3), numbers(one.at("random_first_3"))));
  }
  EXPECT_THROW(RandomState(std::span<const std::uint32_t>()), std::invalid_argument);
}

TEST(RandomState, AZeroRangeDrawsNothing) {
  RandomState rs(3);
  const auto before = rs.state();
  EXPECT_EQ(rs.bounded(0), 0u);
  rs.permutation(1);
  rs.permutation(0);
  EXPECT_EQ(rs.state(), before);
}

TEST(RandomState, AWholeChoiceStillDrawsAPermutation) {
  RandomState chooses(3), permutes(3);
  chooses.choice_without_replacement(5, 1);
  permutes.permutation(5);
  EXPECT_EQ(chooses.state(), permutes.state());
}

TEST(RandomState, GoesOnFromASavedState) {
  RandomState rs(8);
  randoms(rs, 100);
  RandomState copy(rs.state());
  EXPECT_EQ(randoms(copy, 1000), randoms(rs, 1000));
}

TEST(RandomState, ImpossibleRangesAreRefused) {
  RandomState rs(0);
  const double most = std::numeric_limits<double>::max();
  EXPECT_THROW(rs.uniform(-most, most), std::overflow_error);
  EXPECT_THROW(rs.randint(3, 3), std::invalid_argument);
  EXPECT_THROW(rs.choice_without_replacement(2, 3), std::invalid_argument);
}

TEST(RandomState, TheWidestIntegersStayInTheirRange) {
  RandomState rs(1);
  const auto lowest = std::numeric_limits<std::int64_t>::min();
  for (int i = 0; i < 100; ++i) EXPECT_LT(rs.randint(lowest, lowest + 2), lowest + 2);
  EXPECT_NO_THROW(rs.randint(lowest, std::numeric_limits<std::int64_t>::max()));
}

/// Counts what is asked of it: 1, 2, 3 ...
struct Counter {
  std::uint64_t n = 0;
  BitSource source() {
    return {
        this, [](void* state) { return ++static_cast<Counter*>(state)->n << 40; },
        [](void* state) { return static_cast<std::uint32_t>(++static_cast<Counter*>(state)->n); },
        [](void* state) { return 1.0 / static_cast<double>(++static_cast<Counter*>(state)->n); }};
  }
};

TEST(RandomState, DrawsInPlaceFromAnotherSource) {
  Counter counter;
  RandomState draws(counter.source());
  EXPECT_EQ(draws.next_u32(), 1u);
  EXPECT_EQ(draws.next_u64(), std::uint64_t{2} << 40);
  EXPECT_EQ(draws.random(), 1.0 / 3.0);
  EXPECT_EQ(draws.uniform(-1.0, 1.0), -1.0 + 2.0 * 0.25);
  RandomState copy = draws;
  EXPECT_EQ(copy.next_u32(), 5u);
  EXPECT_EQ(draws.bounded(7), 6u);  // in 32 bits
  EXPECT_EQ(draws.bounded(std::uint64_t{1} << 43), std::uint64_t{7} << 40);
  EXPECT_EQ(counter.n, 7u);
}

}  // namespace
}  // namespace skarma
