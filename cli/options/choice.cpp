#include <skarma/cli/options/choice.hpp>

#include <algorithm>
#include <span>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <skarma/cli/wording.hpp>
#include <skarma/core/base/nearest_name.hpp>
#include <skarma/estimators/metrics/scorer.hpp>

namespace skarma::cli {

void check_choice(std::string_view flag, std::string_view typed,
                  std::initializer_list<std::string_view> words) {
  if (std::find(words.begin(), words.end(), typed) != words.end()) return;
  throw std::invalid_argument(
      fmt::format("{} must be one of {}; got '{}'.{}", flag, fmt::join(words, ", "), typed,
                  did_you_mean(typed, std::span(words.begin(), words.size()))));
}

PartSize read_part_size(std::string_view what, const ParamValue& value) {
  if (const auto* fraction = std::get_if<double>(&value)) return *fraction;
  const auto* count = std::get_if<std::int64_t>(&value);
  if (count != nullptr && *count > 0) return static_cast<std::size_t>(*count);
  throw std::invalid_argument(
      fmt::format("{} must be a fraction such as 0.25 or a number of samples; got {}.", what,
                  plain_text(value)));
}

std::string scoring_names() { return fmt::format("{}", fmt::join(scorer_names(), ", ")); }

}  // namespace skarma::cli
