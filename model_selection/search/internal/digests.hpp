#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>

#include <skarma/core/base/sample_view.hpp>
#include <skarma/estimators/target.hpp>
#include <skarma/model_selection/search/journal.hpp>
#include <skarma/model_selection/splitter.hpp>

namespace skarma {

/// A digest of bytes that are told one after another. Texts and lists are told with their length,
/// so that no two sequences of them have the same bytes.
class Hasher {
 public:
  Hasher();
  ~Hasher();
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;

  template <class T>
  requires std::is_arithmetic_v<T> Hasher& number(T value) {
    return bytes(std::as_bytes(std::span(&value, 1)));
  }
  template <class T>
  requires std::is_arithmetic_v<T> Hasher& list(std::span<const T> values) {
    return number(values.size()).bytes(std::as_bytes(values));
  }
  Hasher& text(std::string_view text) { return list(std::span(text.data(), text.size())); }

  Digest digest() const;

 private:
  Hasher& bytes(std::span<const std::byte> bytes);

  struct State;
  std::unique_ptr<State> state_;
};

/// Of type, shape and entries, and of what is stored: sparse samples are others than dense ones,
/// which sum in another order. The place in memory does not count.
Digest digest_of(const SampleView& x);
Digest digest_of(const Target& y);
Digest digest_of(std::span<const double> weights);
/// Of the rows of all parts.
Digest digest_of(const Splits& splits);
/// Of names and values, in whatever order they come.
Digest digest_of(ParamSet params);

}  // namespace skarma
