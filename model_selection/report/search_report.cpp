#include <skarma/model_selection/report/search_report.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <skarma/model_selection/report/internal/page_template.hpp>

namespace skarma {
namespace {

using nlohmann::ordered_json;
using Parameters = std::vector<std::optional<ParamValue>>;

constexpr std::size_t kMostShown = 2000;
constexpr std::size_t kMostInMarkdown = 20;
constexpr std::string_view kPlaceOfData = "SKARMA_REPORT_DATA";
constexpr std::string_view kTestMean = "mean_test_";
constexpr std::string_view kParameterColumn = "param_";

ordered_json as_json(double value) {
  return std::isfinite(value) ? ordered_json(value) : ordered_json();
}
ordered_json as_json(std::int32_t value) { return value; }
/// Numbers as such, all else as it is written.
ordered_json as_json(const ParamValue& value) {
  if (const auto* const n = std::get_if<std::int64_t>(&value)) return *n;
  if (const auto* const x = std::get_if<double>(&value); x != nullptr && std::isfinite(*x)) {
    return *x;
  }
  if (const auto* const text = std::get_if<std::string>(&value)) return *text;
  return to_text(value);
}
ordered_json as_json(const std::optional<ParamValue>& value) {
  return value ? as_json(*value) : ordered_json();
}

template <class Values>
ordered_json chosen(const Values& values, const std::vector<std::size_t>& rows) {
  ordered_json list = ordered_json::array();
  for (const std::size_t row : rows) list.push_back(as_json(values[row]));
  return list;
}

ordered_json list_of(const std::vector<double>& values) {
  ordered_json list = ordered_json::array();
  for (const double value : values) list.push_back(as_json(value));
  return list;
}

/// The metrics of a search, in the order of its columns.
std::vector<std::string> metrics_of(const CvResults& results) {
  std::vector<std::string> metrics;
  for (const CvColumn& column : results.columns) {
    if (column.name.starts_with(kTestMean)) metrics.push_back(column.name.substr(kTestMean.size()));
  }
  return metrics;
}

/// The best candidates by their ranks, in the order of the search.
std::vector<std::size_t> best_rows(const std::vector<std::int32_t>& ranks) {
  std::vector<std::size_t> rows(ranks.size());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  if (rows.size() <= kMostShown) return rows;
  std::ranges::stable_sort(rows, {}, [&](std::size_t row) { return ranks[row]; });
  rows.resize(kMostShown);
  std::ranges::sort(rows);
  return rows;
}

/// Of pairs in braces nlohmann would make an object.
ordered_json pair_of(const char* name, ordered_json value) {
  return ordered_json::array({name, std::move(value)});
}

ordered_json history_of(const HistoryTable& table) {
  const auto add = [](ordered_json& lines, const char* label, const std::vector<double>& column) {
    const bool is_measured = std::ranges::any_of(column, [](double v) { return std::isfinite(v); });
    if (is_measured) lines.push_back(pair_of(label, list_of(column)));
  };
  ordered_json losses = ordered_json::array(), scores = losses, all = losses;
  add(losses, "training", table.loss);
  add(losses, "validation", table.validation_loss);
  add(scores, "validation", table.validation_score);
  if (!losses.empty()) all.push_back(pair_of("loss", losses));
  if (!scores.empty()) all.push_back(pair_of("validation score", scores));
  return all;
}

ordered_json messages_of(const std::vector<std::string>& texts) {
  ordered_json all = ordered_json::array();
  for (const std::string& text : texts) all.push_back(pair_of(text.c_str(), nullptr));
  return all;
}

[[noreturn]] void refuse_other_text() {
  throw std::invalid_argument("This is not the JSON text of a search's report.");
}

/// What the page and Markdown need to be there.
ordered_json parsed(std::string_view data) {
  auto report = ordered_json::parse(data, nullptr, false);
  if (!report.is_object()) refuse_other_text();
  for (const char* name : {"title", "subtitle", "made", "n_splits", "n_candidates", "fit_seconds",
                           "refit_time", "best", "best_score", "best_params", "leading", "metrics",
                           "parameters", "fit_time", "failures", "warnings", "history"}) {
    if (!report.contains(name)) refuse_other_text();
  }
  const ordered_json& metrics = report["metrics"];
  const ordered_json& leading = report["leading"];
  const bool has_leading = metrics.is_array() && leading.is_number_unsigned() &&
                           leading.get<std::size_t>() < metrics.size();
  if (!has_leading) refuse_other_text();
  return report;
}

/// Of a cell in a table.
std::string cell(const ordered_json& value) {
  if (value.is_null()) return "–";
  std::string text = value.is_string()         ? value.get<std::string>()
                     : value.is_number_float() ? fmt::format("{:.6g}", value.get<double>())
                                               : value.dump();
  std::string escaped;
  for (const char c : text) {
    if (c == '|' || c == '\\' || c == '<') escaped += '\\';
    escaped += c == '\n' || c == '\r' ? ' ' : c;
  }
  return escaped;
}

std::string line_of(const std::vector<std::string>& cells) {
  return fmt::format("| {} |\n", fmt::join(cells, " | "));
}

std::string messages_in_markdown(std::string_view title, const ordered_json& messages) {
  if (messages.empty()) return "";
  std::string text = fmt::format("\n## {}\n\n", title);
  for (const ordered_json& message : messages) {
    const std::string count =
        message.at(1).is_null() ? "" : fmt::format("{} x ", message.at(1).get<std::uint64_t>());
    text += fmt::format("- {}{}\n", count, cell(message.at(0)));
  }
  return text;
}

std::string markdown_of(const ordered_json& report) {
  const ordered_json& metric = report.at("metrics").at(report.at("leading").get<std::size_t>());
  std::string text = fmt::format("# {}\n\n", cell(report.at("title")));
  if (const auto& below = report.at("subtitle"); !cell(below).empty()) text += cell(below) + "\n\n";
  text += fmt::format("{} candidates on {} folds; best score {}\n", cell(report.at("n_candidates")),
                      cell(report.at("n_splits")), cell(report.at("best_score")));
  if (!report.at("best_params").empty()) {
    text += "\n## Best parameters\n\n" + line_of({"parameter", "value"}) + line_of({"---", "---"});
    for (const ordered_json& one : report.at("best_params")) {
      text += line_of({cell(one.at(0)), cell(one.at(1))});
    }
  }
  const bool has_train = !metric.at("train_mean").is_null();
  std::vector<std::string> head{"rank"};
  for (const ordered_json& parameter : report.at("parameters"))
    head.push_back(cell(parameter.at("name")));
  head.push_back("test " + cell(metric.at("name")));
  head.emplace_back("deviation");
  if (has_train) head.push_back("train " + cell(metric.at("name")));
  head.emplace_back("fit (s)");
  text +=
      "\n## Candidates\n\n" + line_of(head) + line_of(std::vector<std::string>(head.size(), "---"));
  std::vector<std::size_t> rows(metric.at("rank").size());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  std::ranges::stable_sort(rows, {},
                           [&](std::size_t i) { return metric.at("rank").at(i).get<int>(); });
  rows.resize(std::min(rows.size(), kMostInMarkdown));
  for (const std::size_t i : rows) {
    std::vector<std::string> cells{cell(metric.at("rank").at(i))};
    for (const ordered_json& parameter : report.at("parameters")) {
      cells.push_back(cell(parameter.at("values").at(i)));
    }
    cells.push_back(cell(metric.at("test_mean").at(i)));
    cells.push_back(cell(metric.at("test_std").at(i)));
    if (has_train) cells.push_back(cell(metric.at("train_mean").at(i)));
    cells.push_back(cell(report.at("fit_time").at(i)));
    text += line_of(cells);
  }
  const auto n = report.at("n_candidates").get<std::size_t>();
  if (n > rows.size()) text += fmt::format("\nThe best {} of {} candidates.\n", rows.size(), n);
  return text + messages_in_markdown("Failures", report.at("failures")) +
         messages_in_markdown("Warnings", report.at("warnings"));
}

using Shown = std::function<std::string(std::string_view)>;

void take_best(const GridSearchCV& search, const std::vector<std::size_t>& rows, const Shown& shown,
               ordered_json& report) {
  report["best"] = nullptr;
  report["best_score"] = nullptr;
  report["best_params"] = ordered_json::array();
  if (!search.has_best()) return;
  const auto place = std::ranges::find(rows, search.best_index());
  if (place != rows.end()) report["best"] = place - rows.begin();
  report["best_score"] = as_json(search.best_score());
  for (const auto& [name, value] : search.best_params()) {
    report["best_params"].push_back(pair_of(shown(name).c_str(), as_json(value)));
  }
}

ordered_json scores_of(const CvResults& results, const std::string& metric,
                       const std::vector<std::size_t>& rows) {
  const auto numbers = [&](std::string_view kind) -> ordered_json {
    const std::string column = fmt::format("{}_{}", kind, metric);
    return results.has(column) ? chosen(results.numbers(column), rows) : ordered_json();
  };
  return {{"name", metric},
          {"test_mean", numbers("mean_test")},
          {"test_std", numbers("std_test")},
          {"train_mean", numbers("mean_train")},
          {"train_std", numbers("std_train")},
          {"rank", chosen(results.ranks("rank_test_" + metric), rows)}};
}

ordered_json parameters_of(const CvResults& results, const std::vector<std::size_t>& rows,
                           const Shown& shown) {
  ordered_json parameters = ordered_json::array();
  for (const CvColumn& column : results.columns) {
    const auto* const values = std::get_if<Parameters>(&column.values);
    if (values == nullptr) continue;
    const auto name = std::string_view(column.name).substr(kParameterColumn.size());
    parameters.push_back({{"name", shown(name)}, {"values", chosen(*values, rows)}});
  }
  return parameters;
}

}  // namespace

std::string report_data(const GridSearchCV& search, const ReportDetails& details) {
  const CvResults& results = search.cv_results();
  const auto metrics = metrics_of(results);
  const auto found = std::ranges::find(metrics, details.metric);
  if (found == metrics.end() && !details.metric.empty()) {
    throw std::invalid_argument(
        fmt::format("The search has no scores of the metric '{}'.", details.metric));
  }
  const std::size_t leading =
      details.metric.empty() ? std::size_t{0} : static_cast<std::size_t>(found - metrics.begin());
  const auto rows = best_rows(results.ranks("rank_test_" + metrics[leading]));
  const Shown shown = [&](std::string_view name) {
    return details.shown ? details.shown(name) : std::string(name);
  };
  ordered_json report;
  report["title"] = details.title;
  report["subtitle"] = details.subtitle;
  report["made"] = "Made by skarma.";
  report["n_splits"] = search.n_splits();
  report["n_candidates"] = results.params.size();
  const auto& fit_time = results.numbers("mean_fit_time");
  report["fit_seconds"] = as_json(std::accumulate(fit_time.begin(), fit_time.end(), 0.0) *
                                  static_cast<double>(search.n_splits()));
  report["refit_time"] = search.refit_time() > 0.0 ? as_json(search.refit_time()) : ordered_json();
  take_best(search, rows, shown, report);
  report["leading"] = leading;
  report["metrics"] = ordered_json::array();
  for (const std::string& metric : metrics) {
    report["metrics"].push_back(scores_of(results, metric, rows));
  }
  report["parameters"] = parameters_of(results, rows, shown);
  report["fit_time"] = chosen(fit_time, rows);
  report["failures"] = messages_of(search.warnings());
  report["warnings"] = messages_of(search.fit_warnings());
  report["history"] = history_of(details.history);
  return report.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

std::string report_html(std::string_view data) {
  // A text in the page must not end the script that it stands in.
  std::string text = parsed(data).dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  std::string escaped;
  escaped.reserve(text.size());
  for (const char c : text) c == '<' ? escaped += "\\u003c" : escaped += c;
  std::string page(internal::search_report_page);
  return page.replace(page.find(kPlaceOfData), kPlaceOfData.size(), escaped);
}

std::string report_markdown(std::string_view data) {
  const ordered_json report = parsed(data);
  try {
    return markdown_of(report);
  } catch (const ordered_json::exception&) {
    refuse_other_text();
  }
}

}  // namespace skarma
