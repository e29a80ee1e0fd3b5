#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace skarma {

/// A row number of a data set.
using RowIndex = std::uint32_t;

/// Raw draws of a generator that lives elsewhere, such as one of NumPy's bit generators.
struct BitSource {
  void* state;
  std::uint64_t (*next_u64)(void* state);
  std::uint32_t (*next_u32)(void* state);
  double (*next_double)(void* state);  // in [0, 1)
};

/// NumPy's legacy `RandomState` (MT19937), draw for draw: the reason why the same `random_state`
/// gives scikit-learn's numbers. Source: M. Matsumoto and T. Nishimura, "Mersenne Twister", ACM
/// TOMACS 8 (1998); the derived draws follow NumPy's documented stream compatibility.
class RandomState {
 public:
  /// The whole state, as `numpy.random.RandomState.get_state()` shows it.
  struct State {
    std::array<std::uint32_t, 624> key;
    int pos;
    bool has_gauss = false;  // a normal draw is left from the last pair
    double gauss = 0.0;
    bool operator==(const State&) const = default;
  };

  /// As `RandomState(seed)` with an int.
  explicit RandomState(std::uint32_t seed);
  /// As `RandomState([word, word, ...])`. Throws std::invalid_argument if there is no word.
  explicit RandomState(std::span<const std::uint32_t> words);
  explicit RandomState(const State& state) : state_(state) {}
  /// As `RandomState(bit_generator)`: draws in place from a source that outlives this and its
  /// copies, which all draw from the same one.
  explicit RandomState(const BitSource& source) : state_{}, source_(source) {}

  /// Of the Mersenne Twister; without meaning where the draws come from a BitSource.
  const State& state() const { return state_; }
  /// Whether draws come from the Mersenne Twister, and not from a BitSource.
  bool has_own_state() const { return !source_; }

  std::uint32_t next_u32();
  /// Two 32-bit draws of the Mersenne Twister, the first one as the high word.
  std::uint64_t next_u64();

  /// In [0, 1), 53 random bits: `random_sample()`.
  double random();
  /// In [low, high): `uniform(low, high)`. Throws std::overflow_error if high - low is infinite.
  double uniform(double low, double high);
  /// Standard normal, two from one pair of uniform draws: `standard_normal()`, by the polar method
  /// (G. Marsaglia and T. A. Bray, SIAM Review 6 (1964)).
  double gauss();
  /// In [0, max], by masked rejection; max = 0 draws nothing.
  std::uint64_t bounded(std::uint64_t max);
  /// In [low, high): `randint(low, high)` for int64. Throws std::invalid_argument if low >= high.
  std::int64_t randint(std::int64_t low, std::int64_t high);

  /// Fisher-Yates from the end, in place: `shuffle(items)`.
  template <class T>
  void shuffle(std::span<T> items) {
    for (std::size_t i = items.size(); i-- > 1;) {
      std::swap(items[i], items[static_cast<std::size_t>(bounded(i))]);
    }
  }

  /// `permutation(n)`.
  std::vector<RowIndex> permutation(std::size_t n);
  /// `choice(n, k, replace=False)`: the front of a whole permutation.
  std::vector<RowIndex> choice_without_replacement(std::size_t n, std::size_t k);

 private:
  void refill();

  State state_;
  std::optional<BitSource> source_;
};

}  // namespace skarma
