#include <skarma/cli/output/result_text.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <skarma/cli/output/csv_text.hpp>
#include <skarma/cli/wording.hpp>

namespace skarma::cli {
namespace {

using nlohmann::ordered_json;
using Parameters = std::vector<std::optional<ParamValue>>;

/// "param_alpha" for "param_mlpclassifier__alpha"; other columns as they are.
std::string column_name(const CvColumn& column, const ParameterNames& shown) {
  if (!std::holds_alternative<Parameters>(column.values)) return column.name;
  return std::string(kParameterPrefix) + parameter_of(column, shown);
}

std::string field_text(double value) { return fmt::format("{}", value); }
std::string field_text(std::int32_t value) { return fmt::format("{}", value); }
std::string field_text(const std::optional<ParamValue>& value) {
  return value ? plain_text(*value) : "";
}

ordered_json as_json(double value) { return value; }
ordered_json as_json(std::int32_t value) { return value; }
ordered_json as_json(const ParamValue& value) {
  return std::visit(
      [](const auto& v) -> ordered_json {
        if constexpr (std::is_same_v<std::decay_t<decltype(v)>, None>) {
          return nullptr;
        } else {
          return v;
        }
      },
      value);
}
ordered_json as_json(const std::optional<ParamValue>& value) {
  return value ? as_json(*value) : nullptr;
}

ordered_json as_json(const ParamSet& parameters, const ParameterNames& shown) {
  ordered_json object = ordered_json::object();
  for (const auto& [name, value] : parameters) object[shown(name)] = as_json(value);
  return object;
}

ordered_json columns_as_json(const CvResults& results, const ParameterNames& shown) {
  ordered_json columns = ordered_json::object();
  ordered_json params = ordered_json::array();
  for (const ParamSet& set : results.params) params.push_back(as_json(set, shown));
  columns["params"] = std::move(params);
  for (const CvColumn& column : results.columns) {
    ordered_json list = ordered_json::array();
    std::visit(
        [&](const auto& values) {
          for (const auto& value : values) list.push_back(as_json(value));
        },
        column.values);
    columns[column_name(column, shown)] = std::move(list);
  }
  return columns;
}

}  // namespace

std::string results_as_csv(const CvResults& results, const ParameterNames& shown) {
  std::string text;
  for (const CvColumn& column : results.columns) {
    text += (text.empty() ? "" : ",") + csv_cell(column_name(column, shown));
  }
  text += "\n";
  for (std::size_t row = 0; row < results.params.size(); ++row) {
    std::string line;
    for (const CvColumn& column : results.columns) {
      if (&column != &results.columns.front()) line += ",";
      line += std::visit([&](const auto& values) { return csv_cell(field_text(values[row])); },
                         column.values);
    }
    text += line + "\n";
  }
  return text;
}

std::string results_as_json(const CvResults& results, const ParameterNames& shown) {
  return columns_as_json(results, shown).dump(2) + "\n";
}

std::string results_as_json(const GridSearchCV& search, std::optional<double> held_out_score,
                            const ParameterNames& shown) {
  ordered_json root;
  root["best_index_"] = search.best_index();
  root["best_params_"] = as_json(search.best_params(), shown);
  root["best_score_"] = search.best_score();
  root["n_splits_"] = search.n_splits();
  root["interrupted"] = search.interrupted();
  if (held_out_score) root["held_out_score"] = *held_out_score;
  root["cv_results_"] = columns_as_json(search.cv_results(), shown);
  return root.dump(2) + "\n";
}

}  // namespace skarma::cli
