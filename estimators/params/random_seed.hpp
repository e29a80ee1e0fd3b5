#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>

#include <skarma/core/base/random_state.hpp>
#include <skarma/estimators/params/param_value.hpp>

namespace skarma {

/// scikit-learn's `random_state`: nothing (another stream each time), a whole number in
/// [0, 2^32 - 1] (the same stream each time), or a generator that is used in place and advanced.
class RandomSeed {
 public:
  RandomSeed() = default;
  RandomSeed(std::int64_t seed) : seed_(seed) {}
  RandomSeed(std::shared_ptr<RandomState> generator) : generator_(std::move(generator)) {}

  /// The generator to draw from in one fit: the caller's own, or a fresh one.
  /// Throws std::invalid_argument for a seed outside of [0, 2^32 - 1].
  std::shared_ptr<RandomState> generator() const;
  /// A seed of the same kind that shares no state with this one: a generator is copied as it is.
  RandomSeed copy() const;

  std::optional<std::int64_t> seed() const { return seed_; }
  /// Whether it is a generator that somebody else has, too.
  bool is_shared() const { return generator_.use_count() > 1; }
  bool is_set() const { return seed_ || generator_; }
  ParamValue as_value() const { return seed_ ? ParamValue(*seed_) : ParamValue(); }

 private:
  std::optional<std::int64_t> seed_;
  std::shared_ptr<RandomState> generator_;
};

}  // namespace skarma
