#include <skarma/cli/search_report.hpp>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <skarma/cli/choice.hpp>
#include <skarma/cli/text_table.hpp>

namespace skarma::cli {
namespace {

constexpr std::string_view kParamPrefix = "param_";

using Cells = std::vector<std::string>;

std::string cell_text(const std::optional<ParamValue>& value) {
  return value ? plain_text(*value) : "-";
}

bool is_number(const std::optional<ParamValue>& value) {
  return !value || std::holds_alternative<double>(*value) ||
         std::holds_alternative<std::int64_t>(*value);
}

/// Columns whose value is the same for all candidates say nothing, unless there is one candidate.
bool is_shown(const std::vector<std::optional<ParamValue>>& values) {
  return values.size() <= 1 || std::any_of(values.begin(), values.end(),
                                           [&](const auto& value) { return value != values[0]; });
}

void add_parameters(TextTable& table, const CvResults& results, const ParameterNames& shown) {
  for (const CvColumn& column : results.columns) {
    const auto* values = std::get_if<std::vector<std::optional<ParamValue>>>(&column.values);
    if (values == nullptr || !is_shown(*values)) continue;
    Cells cells;
    for (const auto& value : *values) cells.push_back(cell_text(value));
    const bool numbers = std::all_of(values->begin(), values->end(), is_number);
    table.add_column(shown(std::string_view(column.name).substr(kParamPrefix.size())),
                     numbers ? TextTable::Align::right : TextTable::Align::left, std::move(cells));
  }
}

Cells score_cells(const std::vector<double>& scores) {
  Cells cells;
  for (const double score : scores) cells.push_back(fmt::format("{:.6f}", score));
  return cells;
}

void add_numbers(TextTable& table, const CvResults& results, const std::string& title,
                 const std::string& column) {
  if (!results.has(column)) return;
  table.add_column(title, TextTable::Align::right, score_cells(results.numbers(column)));
}

void add_scores(TextTable& table, const CvResults& results, const Metrics& metrics) {
  if (metrics.keys.size() == 1) {
    for (const std::string part : {"test", "train"}) {
      const std::string name = "_" + part + "_" + metrics.keys.front();
      add_numbers(table, results, "mean " + part, "mean" + name);
      add_numbers(table, results, "std " + part, "std" + name);
    }
    return;
  }
  for (const std::string& key : metrics.keys) {
    add_numbers(table, results, key + " test", "mean_test_" + key);
    add_numbers(table, results, "std", "std_test_" + key);
    add_numbers(table, results, "train", "mean_train_" + key);
  }
}

}  // namespace

std::string search_table(const CvResults& results, const Metrics& metrics, std::size_t best,
                         bool colour, const ParameterNames& shown) {
  using enum TextTable::Align;
  TextTable table;
  Cells marks(results.params.size());
  marks.at(best) = "*";
  table.add_column(" ", left, std::move(marks));
  add_parameters(table, results, shown);
  add_scores(table, results, metrics);
  Cells ranks;
  for (const auto rank : results.ranks("rank_test_" + metrics.keys[metrics.leading]))
    ranks.push_back(std::to_string(rank));
  table.add_column("rank", right, std::move(ranks));
  Cells times;
  for (const double time : results.numbers("mean_fit_time")) times.push_back(duration_text(time));
  table.add_column("fit time", right, std::move(times));
  return table.text(colour, best);
}

std::string parameters_text(const ParamSet& parameters, const ParameterNames& shown) {
  if (parameters.empty()) return "the parameters as given";
  std::string text;
  for (const auto& [name, value] : parameters) {
    text += fmt::format("{}{}={}", text.empty() ? "" : ", ", shown(name), plain_text(value));
  }
  return text;
}

std::string duration_text(double seconds) {
  if (seconds < 0.9995) return fmt::format("{:.0f} ms", seconds * 1e3);
  if (seconds < 59.95) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<std::int64_t>(std::llround(seconds));
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  const std::int64_t minutes = (whole + 30) / 60;
  return fmt::format("{} h {:02} min", minutes / 60, minutes % 60);
}

}  // namespace skarma::cli
