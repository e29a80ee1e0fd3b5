#include <skarma/cli/output/search_notes.hpp>

#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>

#include <skarma/cli/parameters.hpp>

namespace skarma::cli {
namespace {

constexpr std::size_t kFewestValues = 3;  // of which one can be inside

std::optional<double> as_number(const std::optional<ParamValue>& value) {
  if (!value) return std::nullopt;
  if (const auto* real = std::get_if<double>(&*value)) return *real;
  if (const auto* whole = std::get_if<std::int64_t>(&*value)) return static_cast<double>(*whole);
  return std::nullopt;
}

/// The numbers of a column; empty if one of its values is none.
std::vector<double> numbers_of(const CvColumn& column) {
  const auto* values = std::get_if<std::vector<std::optional<ParamValue>>>(&column.values);
  std::vector<double> numbers;
  if (values == nullptr) return numbers;
  for (const auto& value : *values) {
    const auto number = as_number(value);
    if (!number) return {};
    numbers.push_back(*number);
  }
  return numbers;
}

/// Whether a parameter can go no further than this, or has no order, as a seed has none.
bool is_end_of_domain(std::string_view name, double value) {
  for (const ParameterInfo& info : all_parameters()) {
    if (info.name != name) continue;
    const Domain& domain = info.domain;
    return domain.type == Domain::Type::seed || value == domain.low || value == domain.high;
  }
  return false;
}

/// What to do about a fit that has not converged; L-BFGS says it in its own text.
std::string advice_for(std::string_view warning, bool is_scaled) {
  if (warning.find("Stochastic Optimizer") == std::string_view::npos) return "";
  return fmt::format(" (--max-iter allows more iterations{})",
                     is_scaled ? "" : ", --scale standard scales the data");
}

}  // namespace

std::vector<std::string> edge_notes(const CvResults& results, std::size_t best,
                                    const std::string& leading_metric,
                                    const ParameterNames& shown) {
  std::vector<std::string> notes;
  const auto& ranks = results.ranks("rank_test_" + leading_metric);
  for (const CvColumn& column : results.columns) {
    const auto numbers = numbers_of(column);
    const std::set<double> tried(numbers.begin(), numbers.end());
    if (tried.size() < kFewestValues) continue;
    const double low = *tried.begin();
    const double high = *tried.rbegin();
    bool is_inside = false;
    for (std::size_t c = 0; c < numbers.size(); ++c) {
      const bool is_best = c == best || ranks[c] == 1;
      is_inside = is_inside || (is_best && numbers[c] != low && numbers[c] != high);
    }
    const std::string name = parameter_of(column, shown);
    const double value = numbers[best];
    if (is_inside || is_end_of_domain(name, value)) continue;
    const bool is_low = value == low;
    notes.push_back(fmt::format(
        "the best {}, {}, is the {} of the {} that were tried: {} ones may be better", name, value,
        is_low ? "smallest" : "largest", tried.size(), is_low ? "smaller" : "larger"));
  }
  return notes;
}

std::vector<std::string> search_notes(const GridSearchCV& search, const std::string& leading_metric,
                                      const ParameterNames& shown, bool is_scaled) {
  std::vector<std::string> notes;
  for (const std::string& text : search.fit_warnings()) {
    notes.push_back(text + advice_for(text, is_scaled));
  }
  for (std::string& note :
       edge_notes(search.cv_results(), search.best_index(), leading_metric, shown)) {
    notes.push_back(std::move(note));
  }
  return notes;
}

}  // namespace skarma::cli
