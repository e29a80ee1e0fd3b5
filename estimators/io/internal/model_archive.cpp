#include <skarma/estimators/io/internal/model_archive.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace skarma {
namespace {

using Json = nlohmann::json;

Json to_json(const ParamValue& value) {
  // Numbers go as text, which gives back the same bits and can be infinite.
  return to_text(value);
}

}  // namespace

void ModelArchive::fail(const std::string& problem) const {
  const std::string place = prefix_.substr(0, prefix_.find_last_of('.'));
  throw std::runtime_error(prefix_.empty() ? problem : fmt::format("in {}, {}", place, problem));
}

ModelArchive ModelArchive::part(const std::string& name) {
  return {text_[name], tensors_, prefix_ + name + "."};
}

bool ModelArchive::has(const std::string& name) const {
  return text_.is_object() && text_.contains(name);
}

const Json& ModelArchive::json(const std::string& name) const {
  if (!has(name)) fail(fmt::format("'{}' is missing", name));
  return text_[name];
}

void ModelArchive::write_text(const std::string& name, const std::string& value) {
  text_[name] = value;
}
void ModelArchive::write_whole(const std::string& name, std::int64_t value) { text_[name] = value; }
void ModelArchive::write_flag(const std::string& name, bool value) { text_[name] = value; }
void ModelArchive::write_names(const std::string& name, const std::vector<std::string>& names) {
  text_[name] = names;
}

void ModelArchive::write_json(const std::string& name, Json value) {
  text_[name] = std::move(value);
}

void ModelArchive::write_params(const ParamSet& params) {
  Json& entry = text_["params"] = Json::object();
  for (const auto& [name, value] : params) entry[name] = to_json(value);
}

void ModelArchive::write_classes(const std::string& name, const Classes& classes) {
  if (const auto* strings = std::get_if<std::vector<std::string>>(&classes)) {
    write_names(name, *strings);
  } else if (const auto* whole = std::get_if<std::vector<std::int64_t>>(&classes)) {
    write_tensor(name, {whole->size()}, *whole);
  } else {
    const auto& real = std::get<std::vector<double>>(classes);
    write_tensor(name, {real.size()}, real);
  }
}

std::string ModelArchive::text(const std::string& name) const {
  const Json& value = json(name);
  if (!value.is_string()) fail(fmt::format("'{}' is not text", name));
  return value;
}

std::int64_t ModelArchive::whole(const std::string& name) const {
  const Json& value = json(name);
  if (!value.is_number_integer()) fail(fmt::format("'{}' is not a whole number", name));
  return value;
}

bool ModelArchive::flag(const std::string& name) const {
  const Json& value = json(name);
  if (!value.is_boolean()) fail(fmt::format("'{}' is neither true nor false", name));
  return value;
}

std::vector<std::string> ModelArchive::names(const std::string& name) const {
  const Json& value = json(name);
  if (!value.is_array()) fail(fmt::format("'{}' is not a list", name));
  std::vector<std::string> result;
  for (const Json& item : value) {
    if (!item.is_string()) fail(fmt::format("'{}' is not a list of text", name));
    result.push_back(item);
  }
  return result;
}

ParamSet ModelArchive::params() const {
  const Json& entries = json("params");
  if (!entries.is_object()) fail("'params' is not an object");
  ParamSet params;
  for (const auto& [name, value] : entries.items()) {
    if (!value.is_string()) fail(fmt::format("the parameter '{}' is not text", name));
    params.emplace_back(name, parse_value(value.get<std::string>()));
  }
  return params;
}

bool ModelArchive::has_tensor(const std::string& name) const {
  return tensors_.contains(prefix_ + name);
}

const Tensor& ModelArchive::tensor(const std::string& name) const {
  const auto found = tensors_.find(prefix_ + name);
  if (found == tensors_.end()) fail(fmt::format("the tensor '{}' is missing", name));
  return found->second;
}

double ModelArchive::number(const std::string& name) const {
  const auto values = tensor(name).values<double>();
  if (values.size() != 1) fail(fmt::format("'{}' is not one number", name));
  return values[0];
}

std::optional<std::vector<double>> ModelArchive::numbers_if_there(const std::string& name) const {
  if (!has_tensor(name)) return std::nullopt;
  return tensor(name).values<double>();
}

Classes ModelArchive::classes(const std::string& name) const {
  const auto checked = [&](auto labels) {
    if (labels.empty() || !std::is_sorted(labels.begin(), labels.end()) ||
        std::adjacent_find(labels.begin(), labels.end()) != labels.end()) {
      fail(fmt::format("'{}' is not a sorted list of labels", name));
    }
    return Classes(std::move(labels));
  };
  if (has(name)) return checked(names(name));
  const Tensor& numbers = tensor(name);
  if (numbers.dtype == "I64") return checked(numbers.values<std::int64_t>());
  return checked(numbers.values<double>());
}

}  // namespace skarma
