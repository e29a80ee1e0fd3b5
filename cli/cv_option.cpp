#include <skarma/cli/cv_option.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <stdexcept>

#include <fmt/format.h>

#include <skarma/cli/choice.hpp>
#include <skarma/core/base/nearest_name.hpp>
#include <skarma/estimators/param_value.hpp>

namespace skarma::cli {
namespace {

constexpr std::array<std::string_view, 4> kSplitters = {"kfold", "stratified", "shuffle",
                                                        "stratified_shuffle"};

/// The arguments of one splitter, taken out one by one.
class Arguments {
 public:
  Arguments(std::string_view splitter, std::string_view text) : splitter_(splitter) {
    while (!text.empty()) {
      const auto comma = text.find(',');
      add(text.substr(0, comma));
      text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    }
  }

  int n_splits(int otherwise) const {
    const auto* n = find<std::int64_t>("n_splits", "a whole number");
    if (n == nullptr) return otherwise;
    return static_cast<int>(std::clamp<std::int64_t>(*n, -1, std::numeric_limits<int>::max()));
  }
  bool flag(std::string_view name) const {
    const auto* value = find<bool>(name, "True or False");
    return value != nullptr && *value;
  }
  RandomSeed seed() const {
    const auto* value = find<std::int64_t>("random_state", "a whole number");
    return value == nullptr ? RandomSeed() : RandomSeed(*value);
  }
  std::optional<PartSize> part_size(std::string_view name) const {
    for (const auto& [known, value] : values_) {
      if (known == name) return read_part_size(fmt::format("--cv: {}", name), value);
    }
    return std::nullopt;
  }
  /// Throws for an argument that is not among `known`.
  void check_names(std::span<const std::string_view> known) const {
    for (const auto& [name, value] : values_) {
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      throw std::invalid_argument(fmt::format("--cv: {} has no argument '{}'.{}", splitter_, name,
                                              did_you_mean(name, known)));
    }
  }

 private:
  void add(std::string_view argument) {
    const auto equals = argument.find('=');
    const bool named = equals != std::string_view::npos;
    std::string name = named ? std::string(argument.substr(0, equals)) : "n_splits";
    std::erase(name, ' ');
    if (name == "seed") name = "random_state";
    values_.emplace_back(name, parse_value(named ? argument.substr(equals + 1) : argument));
  }

  template <class T>
  const T* find(std::string_view name, std::string_view wanted) const {
    for (const auto& [known, value] : values_) {
      if (known != name) continue;
      if (const T* found = std::get_if<T>(&value)) return found;
      throw std::invalid_argument(
          fmt::format("--cv: {} must be {}; got {}.", name, wanted, to_text(value)));
    }
    return nullptr;
  }

  std::string_view splitter_;
  ParamSet values_;
};

CrossValidation make_folds(std::string_view name, const Arguments& arguments) {
  constexpr std::array<std::string_view, 3> kNames = {"n_splits", "shuffle", "random_state"};
  arguments.check_names(kNames);
  const FoldOptions options{.shuffle = arguments.flag("shuffle"), .random_state = arguments.seed()};
  if (name == "kfold") return KFold(arguments.n_splits(5), options);
  return StratifiedKFold(arguments.n_splits(5), options);
}

CrossValidation make_shuffles(std::string_view name, const Arguments& arguments) {
  constexpr std::array<std::string_view, 4> kNames = {"n_splits", "test_size", "train_size",
                                                      "random_state"};
  arguments.check_names(kNames);
  ShuffleOptions options{.train_size = arguments.part_size("train_size"),
                         .random_state = arguments.seed()};
  if (const auto size = arguments.part_size("test_size")) options.test_size = *size;
  if (name == "shuffle") return ShuffleSplit(arguments.n_splits(10), options);
  return StratifiedShuffleSplit(arguments.n_splits(10), options);
}

int read_n_folds(std::string_view text) {
  const ParamValue value = parse_value(text);
  if (const auto* n = std::get_if<std::int64_t>(&value)) {
    return static_cast<int>(std::clamp<std::int64_t>(*n, -1, std::numeric_limits<int>::max()));
  }
  throw std::invalid_argument(
      fmt::format("--cv must be a number of folds or a splitter such as kfold(5); got '{}'.{}",
                  text, did_you_mean(text, kSplitters)));
}

}  // namespace

CrossValidation parse_cv(std::string_view text) {
  const auto open = text.find('(');
  const std::string_view name = text.substr(0, open);
  const bool known = std::find(kSplitters.begin(), kSplitters.end(), name) != kSplitters.end();
  if (open == std::string_view::npos && !known) return read_n_folds(text);
  if (!known) {
    throw std::invalid_argument(
        fmt::format("--cv: there is no splitter '{}'.{}", name, did_you_mean(name, kSplitters)));
  }
  if (open != std::string_view::npos && text.back() != ')') {
    throw std::invalid_argument(fmt::format("--cv: '{}' has no closing ')'.", text));
  }
  const Arguments arguments(name, open == std::string_view::npos
                                      ? std::string_view()
                                      : text.substr(open + 1, text.size() - open - 2));
  return name.ends_with("shuffle") ? make_shuffles(name, arguments) : make_folds(name, arguments);
}

}  // namespace skarma::cli
