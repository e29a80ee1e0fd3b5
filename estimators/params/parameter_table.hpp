#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <skarma/core/base/nearest_name.hpp>
#include <skarma/estimators/params/domain.hpp>
#include <skarma/estimators/params/param_value.hpp>
#include <skarma/estimators/params/random_seed.hpp>

namespace skarma {

/// What anybody may know of a parameter: the rows that the command line, the documentation and
/// Python read.
struct ParameterInfo {
  std::string_view name;
  Domain domain;
  std::string_view doc;
  ParamValue default_value;
};

/// One row: the parameter and the way to its field in the plain struct `Params`.
template <class Params>
struct ParameterRow {
  ParameterInfo info;
  std::function<ParamValue(const Params&)> get;
  std::function<void(Params&, const ParamValue&)> set;
  std::function<bool(const Params&)> is_right;  // whether the domain contains what get() gives
};

namespace internal {

inline ParamValue to_value(const ParamValue& v) { return v; }
inline ParamValue to_value(bool v) { return v; }
inline ParamValue to_value(int v) { return static_cast<std::int64_t>(v); }
inline ParamValue to_value(const std::string& v) { return v; }
inline ParamValue to_value(const RandomSeed& v) { return v.as_value(); }
inline ParamValue to_value(const std::optional<int>& v) {
  return v ? ParamValue(static_cast<std::int64_t>(*v)) : ParamValue();
}
inline ParamValue to_value(const std::optional<std::string>& v) {
  return v ? ParamValue(*v) : ParamValue();
}
inline ParamValue to_value(const std::vector<int>& v) {
  return std::vector<std::int64_t>(v.begin(), v.end());
}
inline ParamValue to_value(double v) { return v; }
inline ParamValue to_value(const std::optional<double>& v) {
  return v ? ParamValue(*v) : ParamValue();
}
inline ParamValue to_value(const std::variant<double, std::vector<double>>& v) {
  return std::visit([](const auto& numbers) { return ParamValue(numbers); }, v);
}
inline ParamValue to_value(const std::variant<std::string, std::vector<std::string>>& v) {
  return std::visit([](const auto& names) { return ParamValue(names); }, v);
}

/// A whole number kept in a double (so that it can be infinite) as the integer that it is.
inline ParamValue as_whole(ParamValue value) {
  const auto* number = std::get_if<double>(&value);
  const bool fits = number != nullptr && *number == std::trunc(*number) && std::abs(*number) < 1e15;
  return fits ? ParamValue(static_cast<std::int64_t>(*number)) : value;
}

/// How the domain spells that nothing was chosen: as None, or as its single word, such as "auto".
inline ParamValue spelled(ParamValue value, const Domain& domain) {
  const bool nothing = std::holds_alternative<None>(value);
  const bool as_word = nothing && !domain.none && !domain.names.empty();
  return as_word ? ParamValue(std::string(domain.names.front())) : value;
}

/// A number of any spelling: True is 1, as in Python.
inline double number(const ParamValue& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? 1.0 : 0.0;
  return std::get<double>(value);
}
/// The whole number nearest to what an int can hold, for the domain to judge.
inline int whole(const ParamValue& value) {
  return static_cast<int>(std::clamp(number(value), -2147483648.0, 2147483647.0));
}

inline void assign(ParamValue& field, const ParamValue& value) { field = value; }
inline void assign(bool& field, const ParamValue& value) { field = std::get<bool>(value); }
inline void assign(int& field, const ParamValue& value) { field = whole(value); }
inline void assign(double& field, const ParamValue& value) { field = number(value); }
inline void assign(std::string& field, const ParamValue& value) {
  field = std::get<std::string>(value);
}
inline void assign(std::variant<std::string, std::vector<std::string>>& field,
                   const ParamValue& value) {
  if (const auto* names = std::get_if<std::vector<std::string>>(&value)) {
    field = *names;
  } else {
    field = std::get<std::string>(value);
  }
}
inline void assign(std::variant<double, std::vector<double>>& field, const ParamValue& value) {
  if (const auto* numbers = std::get_if<std::vector<double>>(&value)) {
    field = *numbers;
  } else if (const auto* whole = std::get_if<std::vector<std::int64_t>>(&value)) {
    field = std::vector<double>(whole->begin(), whole->end());
  } else {
    field = number(value);
  }
}
inline void assign(RandomSeed& field, const ParamValue& value) {
  field = std::holds_alternative<None>(value) ? RandomSeed()
                                              : RandomSeed(std::get<std::int64_t>(value));
}
inline void assign(std::optional<int>& field, const ParamValue& value) {
  const bool nothing =
      std::holds_alternative<std::string>(value) || std::holds_alternative<None>(value);
  field = nothing ? std::nullopt : std::optional(whole(value));
}
inline void assign(std::optional<double>& field, const ParamValue& value) {
  field = std::holds_alternative<None>(value) ? std::nullopt : std::optional(number(value));
}
inline void assign(std::optional<std::string>& field, const ParamValue& value) {
  field.reset();
  if (!std::holds_alternative<None>(value)) field = std::get<std::string>(value);
}
inline void assign(std::vector<int>& field, const ParamValue& value) {
  std::vector<int> sizes;
  if (const auto* list = std::get_if<std::vector<std::int64_t>>(&value)) {
    for (const std::int64_t v : *list) sizes.push_back(whole(v));
  } else {
    sizes.push_back(whole(value));
  }
  field = std::move(sizes);
}

/// Text as it comes from a command line: a value of the domain's own type where it is one.
ParamValue read_text(std::string_view owner, const ParameterInfo& info, const ParamValue& value);

/// Throws scikit-learn's message about a value outside of its domain.
[[noreturn]] void reject_value(std::string_view owner, const ParameterInfo& info,
                               const ParamValue& value);
[[noreturn]] void reject_name(std::string_view owner, std::string_view name,
                              const std::vector<std::string_view>& known);

}  // namespace internal

/// The parameters of one kind of estimator: names, domains, defaults and documentation in one
/// place. `Params` is the plain struct that holds the values.
template <class Params>
class ParameterTable {
 public:
  explicit ParameterTable(std::string_view owner) : owner_(owner) {}

  template <class Field>
  ParameterTable& add(std::string_view name, Field Params::*field, Domain domain,
                      std::string_view doc) {
    const auto get = [field, domain](const Params& p) {
      ParamValue value = internal::spelled(internal::to_value(p.*field), domain);
      if (domain.type == Domain::Type::integer) return internal::as_whole(std::move(value));
      return value;
    };
    const auto set = [field](Params& p, const ParamValue& value) {
      internal::assign(p.*field, value);
    };
    // Most fields are numbers, which need no other spelling to be looked at.
    using Value = std::remove_cvref_t<decltype(std::declval<Params>().*field)>;
    const auto is_right = [field, domain, get](const Params& p) {
      if constexpr (std::is_arithmetic_v<Value>) {
        const bool may_be_whole =
            std::is_floating_point_v<Value> && domain.type == Domain::Type::integer;
        if (!may_be_whole) return domain.contains(internal::to_value(p.*field));
      }
      return domain.contains(get(p));
    };
    rows_.push_back({{name, domain, doc, get(Params{})}, get, set, is_right});
    return *this;
  }

  /// Adds what must hold between parameters that are right one by one: a function of the
  /// estimator's name and the parameters, which throws std::invalid_argument.
  ParameterTable& require(std::function<void(std::string_view, const Params&)> check) {
    checks_.push_back(std::move(check));
    return *this;
  }

  const std::vector<ParameterRow<Params>>& rows() const { return rows_; }

  /// The rows without the way to the fields.
  std::vector<ParameterInfo> infos() const {
    std::vector<ParameterInfo> all;
    for (const auto& row : rows_) all.push_back(row.info);
    return all;
  }

  /// All parameters of `params` by name.
  ParamSet values(const Params& params) const {
    ParamSet set;
    for (const auto& row : rows_) set.emplace_back(row.info.name, row.get(params));
    return set;
  }

  /// The one with this name, if there is one.
  std::optional<ParamValue> value(const Params& params, std::string_view name) const {
    for (const auto& row : rows_) {
      if (row.info.name == name) return row.get(params);
    }
    return {};
  }

  /// Throws std::invalid_argument for an unknown name (naming the nearest) and for a value that is
  /// not of the parameter's type.
  void set(Params& params, std::string_view name, const ParamValue& value) const {
    const auto& found = row(name);
    const Domain& domain = found.info.domain;
    const ParamValue typed = internal::read_text(owner_, found.info, value);
    const bool odd =
        std::holds_alternative<None>(typed) ||
        (std::holds_alternative<double>(typed) && domain.type != Domain::Type::real) ||
        (std::holds_alternative<std::string>(typed) && domain.type != Domain::Type::name);
    if (odd && !domain.contains(typed)) internal::reject_value(owner_, found.info, value);
    try {
      found.set(params, typed);
    } catch (const std::bad_variant_access&) {
      internal::reject_value(owner_, found.info, value);
    }
  }

  /// Throws std::invalid_argument for the first value outside of its domain, and for values that
  /// do not fit each other.
  void validate(const Params& params) const {
    for (const auto& row : rows_) {
      if (!row.is_right(params)) internal::reject_value(owner_, row.info, row.get(params));
    }
    for (const auto& check : checks_) check(owner_, params);
  }

 private:
  const ParameterRow<Params>& row(std::string_view name) const {
    for (const auto& row : rows_) {
      if (row.info.name == name) return row;
    }
    std::vector<std::string_view> known;
    for (const auto& row : rows_) known.push_back(row.info.name);
    internal::reject_name(owner_, name, known);
  }

  std::string_view owner_;
  std::vector<ParameterRow<Params>> rows_;
  std::vector<std::function<void(std::string_view, const Params&)>> checks_;
};

}  // namespace skarma
