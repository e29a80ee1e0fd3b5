#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <skarma/estimators/params/param_value.hpp>

namespace skarma {

/// The values that a parameter may have: one interval or set, plus single words such as "auto".
struct Domain {
  enum class Type { boolean, integer, real, name, integer_list, seed };

  Type type;
  double low = 0.0;
  double high = std::numeric_limits<double>::infinity();
  bool low_included = true;
  bool high_included = false;
  std::vector<std::string_view> names{};  // the choices, or single words allowed beside the
                                          // interval; "cuda:N" is "cuda:0", "cuda:1" ...
  bool infinity = false;                  // inf is allowed beside the integers
  bool fractions = false;                 // a float in (0, 1) is allowed beside the integers
  bool booleans = false;                  // True and False are named beside the integers
  bool none = false;                      // None is allowed
  bool not_zero = false;                  // 0 is not allowed
  bool several = false;                   // a list of the names or numbers is allowed beside one
  bool calls = false;                     // a name may have numbers: "cosine(warmup=5)"
  bool objects = false;                   // a JSON object is allowed beside the names

  bool contains(const ParamValue& value) const;
  /// In scikit-learn's words: "a float in the range [0.0, inf)".
  std::string description() const;
};

namespace domains {

inline Domain boolean() { return {.type = Domain::Type::boolean}; }
inline Domain integer(double low) { return {.type = Domain::Type::integer, .low = low}; }
inline Domain real(double low) { return {.type = Domain::Type::real, .low = low}; }
inline Domain positive_real() { return {.type = Domain::Type::real, .low_included = false}; }
/// [0, 1], or [0, 1) without the end.
inline Domain fraction(bool one_included) {
  return {.type = Domain::Type::real, .high = 1.0, .high_included = one_included};
}
/// What scikit-learn's n_jobs may be.
inline Domain thread_count() {
  return {.type = Domain::Type::integer,
          .low = -std::numeric_limits<double>::infinity(),
          .none = true,
          .not_zero = true};
}
inline Domain seed() {
  return {.type = Domain::Type::seed, .high = 4294967295.0, .high_included = true, .none = true};
}
inline Domain name(std::vector<std::string_view> names) {
  return {.type = Domain::Type::name, .names = std::move(names)};
}

}  // namespace domains
}  // namespace skarma
