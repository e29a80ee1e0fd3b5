#include <skarma/cli/output/result_table.hpp>

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include <skarma/cli/output/text_table.hpp>
#include <skarma/cli/wording.hpp>

namespace skarma::cli {
namespace {

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
    table.add_column(parameter_of(column, shown),
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

/// What a table shows beside parameters, means of test scores and ranks.
struct Detail {
  bool std;
  bool train;
  bool time;
};

void add_scores(TextTable& table, const CvResults& results, const Metrics& metrics,
                const Detail& detail) {
  const bool one = metrics.keys.size() == 1;
  for (const std::string& key : metrics.keys) {
    add_numbers(table, results, one ? "mean test" : key + " test", "mean_test_" + key);
    if (detail.std) add_numbers(table, results, one ? "std test" : "std", "std_test_" + key);
    if (!detail.train) continue;
    add_numbers(table, results, one ? "mean train" : "train", "mean_train_" + key);
    if (detail.std && one) add_numbers(table, results, "std train", "std_train_" + key);
  }
}

TextTable table_of(const CvResults& results, const Metrics& metrics, std::size_t best,
                   const ParameterNames& shown, const Detail& detail) {
  using enum TextTable::Align;
  TextTable table;
  Cells marks(results.params.size());
  marks.at(best) = "*";
  table.add_column(" ", left, std::move(marks));
  add_parameters(table, results, shown);
  add_scores(table, results, metrics, detail);
  Cells ranks;
  for (const auto rank : results.ranks("rank_test_" + metrics.keys[metrics.leading]))
    ranks.push_back(std::to_string(rank));
  table.add_column("rank", right, std::move(ranks));
  if (!detail.time) return table;
  Cells times;
  for (const double time : results.numbers("mean_fit_time")) times.push_back(duration_text(time));
  table.add_column("fit time", right, std::move(times));
  return table;
}

/// Parts joined by ", " in lines that fit, the later ones indented.
std::string wrapped(const std::string& first, const Cells& parts, std::size_t width) {
  std::string text = first;
  std::size_t column = display_width(first);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::string part = parts[i] + (i + 1 < parts.size() ? "," : "");
    if (i > 0 && column + 1 + display_width(part) > width) {
      text += "\n    ";
      column = 4;
    } else if (i > 0) {
      text += " ";
      ++column;
    }
    text += part;
    column += display_width(part);
  }
  return text + "\n";
}

/// One candidate: its parameters, then its scores.
std::string block_of(const CvResults& results, const Metrics& metrics, std::size_t c, bool is_best,
                     const ParameterNames& shown, std::size_t width) {
  Cells parameters;
  for (const auto& [name, value] : results.params[c]) {
    parameters.push_back(fmt::format("{}={}", shown(name), plain_text(value)));
  }
  if (parameters.empty()) parameters.emplace_back("the parameters as given");
  Cells figures;
  for (const std::string& key : metrics.keys) {
    figures.push_back(fmt::format("{} {:.6f}", metrics.keys.size() == 1 ? "mean test" : key,
                                  results.numbers("mean_test_" + key)[c]));
  }
  const auto& ranks = results.ranks("rank_test_" + metrics.keys[metrics.leading]);
  figures.push_back(fmt::format("rank {}", ranks[c]));
  figures.push_back(duration_text(results.numbers("mean_fit_time")[c]));
  return wrapped(is_best ? "* " : "  ", parameters, width) + wrapped("    ", figures, width);
}

}  // namespace

std::string parameter_of(const CvColumn& column, const ParameterNames& shown) {
  return shown(std::string_view(column.name).substr(kParameterPrefix.size()));
}

std::string search_table(const CvResults& results, const Metrics& metrics, std::size_t best,
                         bool colour, const ParameterNames& shown, std::size_t width) {
  constexpr std::array<Detail, 4> kDetails = {{{.std = true, .train = true, .time = true},
                                               {.std = false, .train = true, .time = true},
                                               {.std = false, .train = false, .time = true},
                                               {.std = false, .train = false, .time = false}}};
  for (const Detail& detail : kDetails) {
    const TextTable table = table_of(results, metrics, best, shown, detail);
    if (table.width() <= width) return table.text(colour, best);
  }
  std::string text;
  for (std::size_t c = 0; c < results.params.size(); ++c) {
    text += block_of(results, metrics, c, c == best, shown, width);
  }
  return text;
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
