#include <skarma/cli/input/grid_file.hpp>

#include <algorithm>
#include <limits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <skarma/cli/input/byte_source.hpp>
#include <skarma/core/base/errors.hpp>
#include <skarma/model_selection/grid_expression.hpp>

namespace skarma::cli {
namespace {

using nlohmann::json;

constexpr const char* kForm = R"(write {"alpha": [0.1, 1]}, or a list of such objects)";

struct Parameter {
  const std::string& path;
  const std::string& name;

  [[noreturn]] void fail(const std::string& problem) const {
    throw DataError(path, 0, 0, fmt::format("parameter '{}': {}", name, problem));
  }
};

/// A value in a message. Lists and objects may be too deep to be written out.
std::string shown(const json& value) {
  if (value.is_structured()) return value.is_array() ? "a list" : "an object";
  return value.dump();
}

std::int64_t whole_number(const Parameter& parameter, const json& value) {
  if (value.is_number_unsigned() &&
      value.get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) {
    parameter.fail(fmt::format("{} is too large", value.dump()));
  }
  if (!value.is_number_integer()) {
    parameter.fail(fmt::format("{} is not a whole number", shown(value)));
  }
  return value.get<std::int64_t>();
}

/// Numbers, or names.
ParamValue read_list(const Parameter& parameter, const json& values) {
  const auto is_text = [](const json& item) { return item.is_string(); };
  if (!values.empty() && std::ranges::all_of(values, is_text)) {
    return values.get<std::vector<std::string>>();
  }
  const auto is_number = [](const json& item) { return item.is_number(); };
  const auto is_real = [](const json& item) { return item.is_number_float(); };
  if (std::ranges::all_of(values, is_number) && std::ranges::any_of(values, is_real)) {
    return values.get<std::vector<double>>();
  }
  std::vector<std::int64_t> list;
  for (const json& item : values) list.push_back(whole_number(parameter, item));
  return list;
}

ParamValue read_value(const Parameter& parameter, const json& value) {
  if (value.is_null()) return None{};
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number_float()) return value.get<double>();
  if (value.is_number_integer()) return whole_number(parameter, value);
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_array()) parameter.fail("a value cannot be an object");
  return read_list(parameter, value);
}

std::vector<ParamValue> read_values(const Parameter& parameter, const json& values) {
  if (values.is_string()) {
    const std::string text = parameter.name + "=" + values.get<std::string>();
    try {
      return parse_grid_expression(text).second;
    } catch (const std::invalid_argument& error) {
      parameter.fail(error.what());
    }
  }
  if (!values.is_array()) {
    if (values.is_object()) parameter.fail("the values to try are a list, not an object");
    parameter.fail(fmt::format("the values to try are a list, such as [{}]", values.dump()));
  }
  std::vector<ParamValue> result;
  for (const json& value : values) result.push_back(read_value(parameter, value));
  return result;
}

ParamGrid read_grid(const std::string& path, const json& object) {
  if (!object.is_object()) throw DataError(path, 0, 0, kForm);
  ParamGrid grid;
  for (const auto& [name, values] : object.items()) {
    grid.emplace_back(name, read_values({path, name}, values));
  }
  return grid;
}

std::string read_text(const std::string& path) {
  ByteSource source(path);
  std::string text;
  std::vector<char> buffer(1 << 16);
  while (const std::size_t n = source.read(buffer)) text.append(buffer.data(), n);
  return text;
}

/// "syntax error while parsing value - ...", without the parts that only a programmer wants.
std::string syntax_problem(const json::parse_error& error) {
  const std::string text = error.what();
  const auto at = text.find("syntax error");
  return "this is not JSON: " + (at == std::string::npos ? text : text.substr(at));
}

/// "1e999 is beyond the range of a double"
std::string range_problem(const json::out_of_range& error) {
  const std::string text = error.what();
  const auto open = text.find('\'');
  if (open == std::string::npos) return text;
  return text.substr(open + 1, text.rfind('\'') - open - 1) + " is beyond the range of a double";
}

/// The line and the column of a byte, both from 1.
std::pair<std::size_t, std::size_t> place_of(const std::string& text, std::size_t byte) {
  const std::string before = text.substr(0, byte == 0 ? 0 : byte - 1);
  const auto line = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')) + 1;
  const auto start = before.rfind('\n');
  return {line, before.size() - (start == std::string::npos ? 0 : start + 1) + 1};
}

}  // namespace

std::vector<ParamGrid> parse_grid_json(const std::string& path, const std::string& text) {
  json root;
  try {
    root = json::parse(text);
  } catch (const json::parse_error& error) {
    const auto [line, column] = place_of(text, error.byte);
    throw DataError(path, line, column, syntax_problem(error));
  } catch (const json::out_of_range& error) {
    throw DataError(path, 0, 0, range_problem(error));
  }
  std::vector<ParamGrid> grids;
  if (!root.is_array()) return {read_grid(path, root)};
  for (const json& object : root) grids.push_back(read_grid(path, object));
  if (grids.empty()) throw DataError(path, 0, 0, kForm);
  return grids;
}

std::vector<ParamGrid> read_grid_file(const std::string& path) {
  return parse_grid_json(path, read_text(path));
}

}  // namespace skarma::cli
