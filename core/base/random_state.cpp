#include <skarma/core/base/random_state.hpp>

#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <string>

namespace skarma {
namespace {

constexpr std::size_t kWords = 624;
constexpr std::size_t kMiddle = 397;

void seed_key(std::array<std::uint32_t, kWords>& key, std::uint32_t seed) {
  key[0] = seed;
  for (std::uint32_t i = 1; i < kWords; ++i) {
    const std::uint32_t previous = key[i - 1];
    key[i] = 1812433253u * (previous ^ (previous >> 30)) + i;
  }
}

std::uint32_t twist(std::uint32_t upper, std::uint32_t lower, std::uint32_t middle) {
  const std::uint32_t y = (upper & 0x80000000u) | (lower & 0x7fffffffu);
  return middle ^ (y >> 1) ^ ((y & 1u) != 0 ? 0x9908b0dfu : 0u);
}

}  // namespace

RandomState::RandomState(std::uint32_t seed) {
  seed_key(state_.key, seed);
  state_.pos = kWords;
}

RandomState::RandomState(std::span<const std::uint32_t> words) {
  if (words.empty()) throw std::invalid_argument("Seed must be non-empty");
  auto& key = state_.key;
  seed_key(key, 19650218u);
  std::size_t i = 1;
  const auto advance = [&] {
    if (++i >= kWords) {
      key[0] = key[kWords - 1];
      i = 1;
    }
  };
  std::size_t j = 0;
  for (std::size_t step = 0; step < std::max(kWords, words.size()); ++step) {
    const std::uint32_t previous = key[i - 1];
    key[i] = (key[i] ^ ((previous ^ (previous >> 30)) * 1664525u)) + words[j] +
             static_cast<std::uint32_t>(j);
    advance();
    if (++j >= words.size()) j = 0;
  }
  for (std::size_t step = 1; step < kWords; ++step) {
    const std::uint32_t previous = key[i - 1];
    key[i] =
        (key[i] ^ ((previous ^ (previous >> 30)) * 1566083941u)) - static_cast<std::uint32_t>(i);
    advance();
  }
  key[0] = 0x80000000u;
  state_.pos = kWords;
}

void RandomState::refill() {
  auto& key = state_.key;
  std::size_t i = 0;
  for (; i < kWords - kMiddle; ++i) key[i] = twist(key[i], key[i + 1], key[i + kMiddle]);
  for (; i < kWords - 1; ++i) key[i] = twist(key[i], key[i + 1], key[i + kMiddle - kWords]);
  key[i] = twist(key[i], key[0], key[kMiddle - 1]);
  state_.pos = 0;
}

std::uint32_t RandomState::next_u32() {
  if (source_) return source_->next_u32(source_->state);
  if (state_.pos >= static_cast<int>(kWords)) refill();
  std::uint32_t y = state_.key[static_cast<std::size_t>(state_.pos++)];
  y ^= y >> 11;
  y ^= (y << 7) & 0x9d2c5680u;
  y ^= (y << 15) & 0xefc60000u;
  return y ^ (y >> 18);
}

std::uint64_t RandomState::next_u64() {
  if (source_) return source_->next_u64(source_->state);
  const std::uint64_t high = next_u32();
  return (high << 32) | next_u32();
}

double RandomState::random() {
  if (source_) return source_->next_double(source_->state);
  const double a = next_u32() >> 5;
  const double b = next_u32() >> 6;
  return (a * 67108864.0 + b) / 9007199254740992.0;
}

double RandomState::uniform(double low, double high) {
  const double range = high - low;
  if (!std::isfinite(range)) throw std::overflow_error("Range exceeds valid bounds");
  return low + range * random();
}

double RandomState::gauss() {
  if (state_.has_gauss) {
    state_.has_gauss = false;
    return std::exchange(state_.gauss, 0.0);
  }
  double x = 0.0;
  double y = 0.0;
  double r2 = 0.0;
  do {
    x = 2.0 * random() - 1.0;
    y = 2.0 * random() - 1.0;
    r2 = x * x + y * y;
  } while (r2 >= 1.0 || r2 == 0.0);
  const double scale = std::sqrt(-2.0 * std::log(r2) / r2);
  state_.gauss = scale * x;
  state_.has_gauss = true;
  return scale * y;
}

std::uint64_t RandomState::bounded(std::uint64_t max) {
  if (max == 0) return 0;
  const std::uint64_t mask = std::numeric_limits<std::uint64_t>::max() >> std::countl_zero(max);
  const bool narrow = max <= std::numeric_limits<std::uint32_t>::max();
  for (;;) {
    const std::uint64_t value = (narrow ? next_u32() : next_u64()) & mask;
    if (value <= max) return value;
  }
}

std::int64_t RandomState::randint(std::int64_t low, std::int64_t high) {
  if (low >= high) {
    throw std::invalid_argument("randint needs low < high, got low = " + std::to_string(low) +
                                " and high = " + std::to_string(high) + ".");
  }
  const std::uint64_t max = static_cast<std::uint64_t>(high) - 1 - static_cast<std::uint64_t>(low);
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + bounded(max));
}

std::vector<RowIndex> RandomState::permutation(std::size_t n) {
  std::vector<RowIndex> items(n);
  std::iota(items.begin(), items.end(), RowIndex{0});
  shuffle(std::span(items));
  return items;
}

std::vector<RowIndex> RandomState::choice_without_replacement(std::size_t n, std::size_t k) {
  if (k > n) {
    throw std::invalid_argument("Cannot take " + std::to_string(k) + " of " + std::to_string(n) +
                                " items without replacement.");
  }
  auto items = permutation(n);
  items.resize(k);
  return items;
}

}  // namespace skarma
