#include <skarma/estimators/holdout.hpp>

#include <algorithm>
#include <cmath>
#include <set>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <skarma/estimators/params/param_value.hpp>

namespace skarma {
namespace {

std::string shown(PartSize size) {
  if (const auto* count = std::get_if<std::size_t>(&size)) return std::to_string(*count);
  return to_text(ParamValue(std::get<double>(size)));
}

/// Throws unless the size is a count in (0, n) or a fraction in (0, 1).
void check_size(std::string_view name, PartSize size, std::size_t n) {
  const auto* count = std::get_if<std::size_t>(&size);
  const bool good = count != nullptr ? *count > 0 && *count < n
                                     : std::get<double>(size) > 0.0 && std::get<double>(size) < 1.0;
  if (good) return;
  throw std::invalid_argument(
      fmt::format("{}={} should be either positive and smaller than the "
                  "number of samples {} or a float in the (0, 1) range",
                  name, shown(size), n));
}

template <class Round>
std::size_t resolve(PartSize size, std::size_t n, Round round) {
  if (const auto* count = std::get_if<std::size_t>(&size)) return *count;
  return static_cast<std::size_t>(round(std::get<double>(size) * static_cast<double>(n)));
}

void append(std::vector<RowIndex>& part, std::span<const RowIndex> members,
            std::span<const RowIndex> chosen) {
  for (const RowIndex i : chosen) part.push_back(members[i]);
}

std::vector<RowIndex> permuted(const std::vector<RowIndex>& items, RandomState& random_state) {
  std::vector<RowIndex> shuffled = items;
  random_state.shuffle(std::span(shuffled));
  return shuffled;
}

void check_classes(const std::vector<std::vector<RowIndex>>& members, const Classes& classes,
                   PartSizes sizes) {
  std::vector<std::string> small;
  for (std::size_t c = 0; c < members.size(); ++c) {
    if (members[c].size() < 2) small.push_back(label_text(classes, c));
  }
  if (!small.empty()) {
    throw std::invalid_argument(
        fmt::format("The least populated classes in y have only 1 member, which is too few. The "
                    "minimum number of groups for any class cannot be less than 2. Classes with "
                    "too few members are: [{}]",
                    fmt::join(small, ", ")));
  }
  const auto check_part = [&](std::string_view name, std::size_t size) {
    if (size < members.size()) {
      throw std::invalid_argument(
          fmt::format("The {}_size = {} should be greater or equal to the number of classes = {}",
                      name, size, members.size()));
    }
  };
  check_part("train", sizes.train);
  check_part("test", sizes.test);
}

}  // namespace

PartSizes part_sizes(std::size_t n, PartSize test, std::optional<PartSize> train) {
  check_size("test_size", test, n);
  if (train) check_size("train_size", *train, n);
  const std::size_t n_test = resolve(test, n, [](double v) { return std::ceil(v); });
  const std::size_t n_train =
      train ? resolve(*train, n, [](double v) { return std::floor(v); }) : n - n_test;
  if (n_train + n_test > n) {
    throw std::invalid_argument(
        fmt::format("The sum of train_size and test_size = {}, should be smaller than the number "
                    "of samples {}. Reduce test_size and/or train_size.",
                    n_train + n_test, n));
  }
  if (n_train == 0) {
    throw std::invalid_argument(
        fmt::format("With n_samples={}, test_size={} and train_size={}, the resulting train set "
                    "will be empty. Adjust any of the aforementioned parameters.",
                    n, shown(test), train ? shown(*train) : "None"));
  }
  return {n_train, n_test};
}

TrainTest shuffle_split(std::size_t n_samples, PartSizes sizes, RandomState& random_state) {
  const auto order = random_state.permutation(n_samples);
  const auto cut = order.begin() + static_cast<std::ptrdiff_t>(sizes.test);
  return {{cut, cut + static_cast<std::ptrdiff_t>(sizes.train)}, {order.begin(), cut}};
}

std::vector<std::size_t> approximate_mode(std::span<const std::size_t> class_counts,
                                          std::size_t n_draws, RandomState& random_state) {
  double total = 0.0;
  for (const std::size_t count : class_counts) total += static_cast<double>(count);
  std::vector<std::size_t> result;
  std::vector<double> remainders;
  double taken = 0.0;
  for (const std::size_t count : class_counts) {
    const double share = static_cast<double>(count) / total * static_cast<double>(n_draws);
    const double whole = std::floor(share);
    result.push_back(static_cast<std::size_t>(whole));
    remainders.push_back(share - whole);
    taken += whole;
  }
  auto missing = static_cast<std::size_t>(static_cast<double>(n_draws) - taken);
  const std::set<double, std::greater<>> values(remainders.begin(), remainders.end());
  for (const double value : values) {
    if (missing == 0) break;
    std::vector<std::size_t> tied;
    for (std::size_t c = 0; c < remainders.size(); ++c) {
      if (remainders[c] == value) tied.push_back(c);
    }
    const std::size_t take = std::min(tied.size(), missing);
    for (const RowIndex i : random_state.choice_without_replacement(tied.size(), take)) {
      ++result[tied[i]];
    }
    missing -= take;
  }
  return result;
}

TrainTest stratified_shuffle_split(std::span<const std::int32_t> codes, const Classes& classes,
                                   PartSizes sizes, RandomState& random_state) {
  std::vector<std::vector<RowIndex>> members(n_classes(classes));
  for (std::size_t i = 0; i < codes.size(); ++i) {
    members[static_cast<std::size_t>(codes[i])].push_back(static_cast<RowIndex>(i));
  }
  check_classes(members, classes, sizes);

  std::vector<std::size_t> counts;
  for (const auto& rows : members) counts.push_back(rows.size());
  const auto n_train = approximate_mode(counts, sizes.train, random_state);
  for (std::size_t c = 0; c < counts.size(); ++c) counts[c] -= n_train[c];
  const auto n_test = approximate_mode(counts, sizes.test, random_state);

  TrainTest split;
  for (std::size_t c = 0; c < members.size(); ++c) {
    const auto order = random_state.permutation(members[c].size());
    append(split.train, members[c], std::span(order).first(n_train[c]));
    append(split.test, members[c], std::span(order).subspan(n_train[c], n_test[c]));
  }
  split.train = permuted(split.train, random_state);
  split.test = permuted(split.test, random_state);
  return split;
}

}  // namespace skarma
