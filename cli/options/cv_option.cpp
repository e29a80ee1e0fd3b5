#include <skarma/cli/options/cv_option.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <stdexcept>
#include <vector>

#include <fmt/format.h>

#include <skarma/cli/options/choice.hpp>
#include <skarma/core/base/nearest_name.hpp>
#include <skarma/estimators/params/param_value.hpp>
#include <skarma/model_selection/leave_one_out.hpp>
#include <skarma/model_selection/repeated_splitters.hpp>

namespace skarma::cli {
namespace {

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

  int count(std::string_view name, int otherwise) const {
    const auto* n = find<std::int64_t>(name, "a whole number");
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

template <class Folds>
CrossValidation make_folds(const Arguments& arguments) {
  constexpr std::array<std::string_view, 3> kNames = {"n_splits", "shuffle", "random_state"};
  arguments.check_names(kNames);
  return Folds(arguments.count("n_splits", 5),
               {.shuffle = arguments.flag("shuffle"), .random_state = arguments.seed()});
}

template <class Folds>
CrossValidation make_repeated(const Arguments& arguments) {
  constexpr std::array<std::string_view, 3> kNames = {"n_splits", "n_repeats", "random_state"};
  arguments.check_names(kNames);
  return Folds(arguments.count("n_splits", 5),
               {.n_repeats = arguments.count("n_repeats", 10), .random_state = arguments.seed()});
}

template <class Shuffles>
CrossValidation make_shuffles(const Arguments& arguments) {
  constexpr std::array<std::string_view, 4> kNames = {"n_splits", "test_size", "train_size",
                                                      "random_state"};
  arguments.check_names(kNames);
  ShuffleOptions options{.train_size = arguments.part_size("train_size"),
                         .random_state = arguments.seed()};
  if (const auto size = arguments.part_size("test_size")) options.test_size = *size;
  return Shuffles(arguments.count("n_splits", 10), options);
}

CrossValidation make_leave_one_out(const Arguments& arguments) {
  arguments.check_names({});
  return LeaveOneOut();
}

struct SplitterKind {
  std::string_view name;
  CrossValidation (*make)(const Arguments&);
};

constexpr std::array<SplitterKind, 7> kSplitters = {{
    {"kfold", make_folds<KFold>},
    {"stratified", make_folds<StratifiedKFold>},
    {"repeated_kfold", make_repeated<RepeatedKFold>},
    {"repeated_stratified", make_repeated<RepeatedStratifiedKFold>},
    {"shuffle", make_shuffles<ShuffleSplit>},
    {"stratified_shuffle", make_shuffles<StratifiedShuffleSplit>},
    {"leave_one_out", make_leave_one_out},
}};

std::vector<std::string_view> splitter_names() {
  std::vector<std::string_view> names;
  for (const SplitterKind& kind : kSplitters) names.push_back(kind.name);
  return names;
}

/// 0 for a splitter that does not stratify by folds.
std::size_t n_stratified_folds(const Splitter& splitter) {
  if (const auto* folds = dynamic_cast<const StratifiedKFold*>(&splitter))
    return folds->n_splits(0);
  const auto* repeated = dynamic_cast<const RepeatedStratifiedKFold*>(&splitter);
  return repeated == nullptr ? 0 : static_cast<std::size_t>(repeated->n_folds());
}

int read_n_folds(std::string_view text) {
  const ParamValue value = parse_value(text);
  if (const auto* n = std::get_if<std::int64_t>(&value)) {
    return static_cast<int>(std::clamp<std::int64_t>(*n, -1, std::numeric_limits<int>::max()));
  }
  throw std::invalid_argument(
      fmt::format("--cv must be a number of folds or a splitter such as kfold(5); got '{}'.{}",
                  text, did_you_mean(text, splitter_names())));
}

}  // namespace

CrossValidation parse_cv(std::string_view text) {
  const auto open = text.find('(');
  const std::string_view name = text.substr(0, open);
  const auto kind = std::find_if(kSplitters.begin(), kSplitters.end(),
                                 [name](const SplitterKind& k) { return k.name == name; });
  if (kind == kSplitters.end()) {
    if (open == std::string_view::npos) return read_n_folds(text);
    throw std::invalid_argument(fmt::format("--cv: there is no splitter '{}'.{}", name,
                                            did_you_mean(name, splitter_names())));
  }
  if (open != std::string_view::npos && text.back() != ')') {
    throw std::invalid_argument(fmt::format("--cv: '{}' has no closing ')'.", text));
  }
  const Arguments arguments(name, open == std::string_view::npos
                                      ? std::string_view()
                                      : text.substr(open + 1, text.size() - open - 2));
  return kind->make(arguments);
}

std::string few_members_warning(const Splitter& splitter, const Target& y) {
  const std::size_t n = n_stratified_folds(splitter);
  if (n == 0 || !y.has_labels()) return "";
  std::vector<std::size_t> members(n_classes(y.classes()));
  for (const auto code : y.codes()) ++members[static_cast<std::size_t>(code)];
  std::erase(members, 0);
  const std::size_t least = *std::min_element(members.begin(), members.end());
  if (least >= n) return "";
  return fmt::format(
      "The least populated class in y has only {} members, which is less than n_splits={}.", least,
      n);
}

}  // namespace skarma::cli
