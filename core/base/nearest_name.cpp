#include <skarma/core/base/nearest_name.hpp>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <vector>

namespace skarma {
namespace {

char folded(char c) {
  if (c == '-') return '_';
  return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

/// Optimal string alignment distance (Damerau 1964, without repeated edits of one place).
std::size_t distance(std::string_view a, std::string_view b) {
  const std::size_t width = b.size() + 1;
  std::vector<std::size_t> cost((a.size() + 1) * width);
  const auto at = [&](std::size_t i, std::size_t j) -> std::size_t& { return cost[i * width + j]; };
  for (std::size_t i = 0; i <= a.size(); ++i) at(i, 0) = i;
  for (std::size_t j = 0; j <= b.size(); ++j) at(0, j) = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = folded(a[i - 1]) == folded(b[j - 1]);
      at(i, j) = std::min({at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + (same ? 0 : 1)});
      if (i > 1 && j > 1 && folded(a[i - 1]) == folded(b[j - 2]) &&
          folded(a[i - 2]) == folded(b[j - 1])) {
        at(i, j) = std::min(at(i, j), at(i - 2, j - 2) + 1);
      }
    }
  }
  return cost.back();
}

}  // namespace

std::string nearest_name(std::string_view typed, std::span<const std::string_view> known) {
  if (typed.empty()) return "";
  std::string_view best;
  // No name is meant of which every letter would have to be replaced.
  const std::size_t most = std::min(typed.size() - 1, std::max<std::size_t>(2, typed.size() / 3));
  std::size_t best_distance = most + 1;
  for (const std::string_view name : known) {
    const std::size_t d = distance(typed, name);
    if (d < best_distance) {
      best_distance = d;
      best = name;
    }
  }
  return std::string(best);
}

std::string did_you_mean(std::string_view typed, std::span<const std::string_view> known) {
  const std::string name = nearest_name(typed, known);
  return name.empty() ? "" : " Did you mean '" + name + "'?";
}

}  // namespace skarma
